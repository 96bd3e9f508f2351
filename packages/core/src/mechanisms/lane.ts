/** Lets the commits of one session in one process run one after another, field changes that wait together at once. */

export interface Lanes<Job> {
  /** Puts a job in its session's lane. It runs when all before it have; at once if there is none. */
  enter(key: string, job: Job): void
}

export interface LaneTerms<Job, Carry> {
  /** Whether a job must run by itself, in its turn. */
  readonly isAlone: (job: Job) => boolean
  /** Runs jobs together. Answers what the next run of this lane should know. Must neither throw nor reject. */
  readonly run: (jobs: readonly Job[], carried: Carry | undefined) => Promise<Carry | undefined>
}

export function createLanes<Job, Carry>({ isAlone, run }: LaneTerms<Job, Carry>): Lanes<Job> {
  const lanes = new Map<string, Job[]>()

  const next = (waiting: Job[]): Job[] => {
    if (waiting.length === 1) return waiting.splice(0)
    const single = waiting.findIndex(isAlone)
    return waiting.splice(0, single === 0 ? 1 : single < 0 ? waiting.length : single)
  }

  const work = (key: string, waiting: Job[], carried: Carry | undefined): void => {
    if (waiting.length === 0) return void lanes.delete(key)
    void run(next(waiting), carried).then((newest) => work(key, waiting, newest))
  }

  return {
    enter: (key, job) => {
      const waiting = lanes.get(key)
      if (waiting !== undefined) {
        waiting.push(job)
        return
      }
      const fresh = [job]
      lanes.set(key, fresh)
      work(key, fresh, undefined)
    },
  }
}
