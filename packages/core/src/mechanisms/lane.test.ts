import { describe, expect, it } from 'vitest'

import { createLanes } from './lane.ts'

/** Lanes whose runs the test lets end, one at a time. Jobs in capitals must run alone. */
function setUp() {
  const runs: { readonly jobs: string; readonly carried: string | undefined; readonly end: (carry: string) => void }[] =
    []
  const lanes = createLanes<string, string>({
    isAlone: (job) => job === job.toUpperCase(),
    run: (jobs, carried) => new Promise((end) => runs.push({ jobs: jobs.join(''), carried, end })),
  })
  const enter = (key: string, jobs: string): void => {
    for (const job of jobs) lanes.enter(key, job)
  }
  const begun = (): string[] => runs.map(({ jobs }) => jobs)
  const end = async (index: number): Promise<void> => {
    runs[index]!.end(`after ${index}`)
    await Promise.resolve()
  }
  return { runs, enter, begun, end }
}

describe('a lane', () => {
  it('runs one after another, what waits together at once, and by itself what must be alone', async () => {
    const { runs, enter, begun, end } = setUp()
    enter('key', 'abcDeF')
    for (let index = 0; index < 5; index++) {
      expect(begun().length).toBe(index + 1)
      await end(index)
    }
    expect(begun()).toEqual(['a', 'bc', 'D', 'e', 'F'])
    expect(runs.map(({ carried }) => carried)).toEqual([undefined, 'after 0', 'after 1', 'after 2', 'after 3'])
  })

  it('holds up no other, however many there are, and knows nothing of before once it was empty', async () => {
    const { runs, enter, begun, end } = setUp()
    const keys = Array.from({ length: 200 }, (_, index) => `key-${index}`)
    for (const key of keys) enter(key, 'a')
    expect(begun().length).toBe(200)
    for (const index of keys.keys()) await end(index)
    for (const key of keys) enter(key, 'bc')
    expect(begun().slice(200)).toEqual(keys.map(() => 'b'))
    expect(runs.slice(200).every(({ carried }) => carried === undefined)).toBe(true)
    for (const index of keys.keys()) await end(200 + index)
    expect(begun().slice(400)).toEqual(keys.map(() => 'c'))
  })
})
