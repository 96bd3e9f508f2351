import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { someTombstone } from '../testing/records.ts'
import { KeptEnds } from './kept-ends.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

it('remembers ends for ten minutes, and asks to be watched once there are some', () => {
  const onFirst = vi.fn()
  const ends = new KeptEnds(onFirst)
  const tombstone = someTombstone()
  ends.noteEnd('a', tombstone)
  ends.noteEnd('b', tombstone)
  expect(onFirst).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(599_000)
  expect(ends.tombstoneOf('a')).toEqual(tombstone)
  vi.advanceTimersByTime(2_000)
  expect(ends.tombstoneOf('a')).toBeUndefined()
  expect(ends.all()).toEqual([])
})

it('knows more of the ends it made than of those it heard of, and an end more than a renewal', () => {
  const ends = new KeptEnds(() => {})
  const [heard, made] = [someTombstone(), someTombstone()]
  const alias = { successor: 's', at: 1, graceUntil: 1, commitId: 'c' }
  ends.noteRenewal('a', alias)
  expect(ends.tombstoneOf('a')).toBeUndefined()
  expect(ends.all()).toEqual([['a', { alias }]])
  ends.hearEnd('a', heard)
  ends.noteRenewal('a', alias)
  expect(ends.tombstoneOf('a')).toBe(heard)
  ends.noteEnd('a', made)
  ends.hearEnd('a', heard)
  expect(ends.tombstoneOf('a')).toBe(made)
})

it('knows more of the renewals it made than of those it heard of, whichever came first', () => {
  const ends = new KeptEnds(() => {})
  const heard = { successor: 's', at: 1, graceUntil: 1, commitId: 'c' }
  const made = { ...heard, graceUntil: 9, sealedToken: new Uint8Array(53) }
  ends.hearRenewal('a', heard)
  ends.noteRenewal('a', made)
  ends.hearRenewal('a', heard)
  expect(ends.all()).toEqual([['a', { alias: made }]])
})

it('never remembers more than 100,000 ends, and renewals push none of them out', () => {
  const ends = new KeptEnds(() => {})
  const tombstone = someTombstone()
  for (let each = 0; each < 100_010; each += 1) ends.noteEnd(`k${each}`, tombstone)
  const alias = { successor: 's', at: 1, graceUntil: 1, commitId: 'c' }
  for (let each = 0; each < 100_010; each += 1) ends.noteRenewal(`r${each}`, alias)
  expect(ends.all()).toHaveLength(200_000)
  expect(ends.tombstoneOf('k0')).toBeUndefined()
  expect(ends.tombstoneOf('k100009')).toBeDefined()
})
