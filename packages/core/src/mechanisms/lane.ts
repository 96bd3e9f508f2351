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

interface Lane<Job> {
  /** Those who come while others run. */
  readonly waiting: Job[]
  isBusy: boolean
}

/** So many lanes stay when nobody is in them: a map that becomes empty is made anew each time, which takes longer than all the rest. */
const IDLE_LANES = 64

export function createLanes<Job, Carry>({ isAlone, run }: LaneTerms<Job, Carry>): Lanes<Job> {
  const lanes = new Map<string, Lane<Job>>()

  const next = (waiting: Job[]): Job[] => {
    const single = waiting.findIndex(isAlone)
    return waiting.splice(0, single === 0 ? 1 : single < 0 ? waiting.length : single)
  }

  const leave = (key: string, lane: Lane<Job>): void => {
    lane.isBusy = false
    if (lanes.size > IDLE_LANES) lanes.delete(key)
  }

  const work = (key: string, lane: Lane<Job>, jobs: readonly Job[], carried: Carry | undefined): void => {
    void run(jobs, carried).then((newest) => {
      if (lane.waiting.length === 0) leave(key, lane)
      else work(key, lane, next(lane.waiting), newest)
    })
  }

  const laneOf = (key: string): Lane<Job> => {
    const standing = lanes.get(key)
    if (standing !== undefined) return standing
    const lane = { waiting: [], isBusy: false }
    lanes.set(key, lane)
    return lane
  }

  return {
    enter: (key, job) => {
      const lane = laneOf(key)
      if (lane.isBusy) {
        lane.waiting.push(job)
        return
      }
      lane.isBusy = true
      work(key, lane, [job], undefined)
    },
  }
}
