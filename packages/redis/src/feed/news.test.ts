import { expect, it } from 'vitest'
import { decodeMessage, encodeNews } from './news.ts'
import { Sequences } from './sequences.ts'

it('news come back as they were told', () => {
  for (const news of [
    { type: 'changed', key: 'k', revision: 2 ** 40 },
    { type: 'renewed', key: 'k', successor: 's' },
    { type: 'ended', key: 'k', reason: 'logout', id: 'the-id' },
    { type: 'ended', key: 'k', reason: 'a reason of several words', id: undefined },
  ] as const) {
    expect(decodeMessage(`p 7 ${encodeNews(news)}`)).toEqual({ publisher: 'p', number: 7, news })
  }
})

it('what is no message, or one of a newer version, is none', () => {
  for (const text of ['', 'p', 'p 1', 'p 1 c', 'p 1 c key', 'p 1 z something new']) {
    expect(decodeMessage(text)).toBeUndefined()
  }
})

it('a gap is seen, a repetition and a new publisher are none', () => {
  const sequences = new Sequences()
  expect(sequences.note('a', 5, false)).toBe(false)
  expect(sequences.note('a', 6, false)).toBe(false)
  expect(sequences.note('a', 6, true)).toBe(false)
  expect(sequences.note('a', 6, false)).toBe(false)
  expect(sequences.note('b', 9, false)).toBe(false)
  expect(sequences.note('a', 8, false)).toBe(true)
  expect(sequences.note('a', 9, false)).toBe(false)
  expect(sequences.note('b', 10, true)).toBe(true)
})
