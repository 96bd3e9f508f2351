/** Lets the commits of one session in one process run one after another, field changes that wait together at once. */

export interface Lanes<Job> {
  /** Puts a job in its session's lane. It runs when all before it have. */
  enter(key: string, job: Job): void
}

export interface LaneTerms<Job, Carry> {
  /** Whether a job must run by itself, in its turn. */
  readonly isAlone: (job: Job) => boolean
  /** Runs jobs together. Answers what the next run of this lane should know. Must not reject. */
  readonly run: (jobs: readonly Job[], carried: Carry | undefined) => Promise<Carry | undefined>
}

export function createLanes<Job, Carry>({ isAlone, run }: LaneTerms<Job, Carry>): Lanes<Job> {
  const lanes = new Map<string, Job[]>()

  const next = (waiting: Job[]): Job[] => {
    const single = waiting.findIndex(isAlone)
    return waiting.splice(0, single === 0 ? 1 : single < 0 ? waiting.length : single)
  }

  const work = async (key: string, waiting: Job[]): Promise<void> => {
    let carried: Carry | undefined
    while (waiting.length > 0) carried = await run(next(waiting), carried)
    lanes.delete(key)
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
      void work(key, fresh)
    },
  }
}
