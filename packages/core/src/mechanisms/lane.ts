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
  /** Those that wait, by lane, while others run there. */
  const lanes = new Map<string, Job[]>()

  const next = (waiting: Job[]): Job[] => {
    const single = waiting.findIndex(isAlone)
    return waiting.splice(0, single === 0 ? 1 : single < 0 ? waiting.length : single)
  }

  const work = (key: string, waiting: Job[], jobs: readonly Job[], carried: Carry | undefined): void => {
    void run(jobs, carried).then((newest) => {
      if (waiting.length === 0) lanes.delete(key)
      else work(key, waiting, next(waiting), newest)
    })
  }

  return {
    enter: (key, job) => {
      const others = lanes.get(key)
      if (others !== undefined) {
        others.push(job)
        return
      }
      const waiting: Job[] = []
      lanes.set(key, waiting)
      work(key, waiting, [job], undefined)
    },
  }
}
