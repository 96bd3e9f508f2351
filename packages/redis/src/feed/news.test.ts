import { expect, it } from 'vitest'
import { Marks } from './marks.ts'
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

it('a heartbeat tells its mark, and one of an older version none', () => {
  const told = { publisher: 'p', number: 7, news: { type: 'beat', count: 3, mark: 'm' } }
  expect(decodeMessage('p 7 b 3 m')).toEqual(told)
  expect(decodeMessage('p 7 b 3 m and what newer versions add')).toEqual(told)
  expect(decodeMessage('p 7 b 3')).toEqual({ ...told, news: { ...told.news, mark: undefined } })
})

it('a change is read whatever newer versions add to it', () => {
  const told = { publisher: 'p', number: 7, news: { type: 'changed', key: 'k', revision: 12 } }
  for (const added of ['', ' ', ' and what newer versions add'])
    expect(decodeMessage(`p 7 c k 12${added}`)).toEqual(told)
})

it('what is no message, or one of a newer version, is none', () => {
  for (const text of ['', 'p', 'p 1', 'p 1 c', 'p 1 c key', 'p 1 b', 'p 1 z something new']) {
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
  sequences.forget()
  expect(sequences.note('b', 20, false)).toBe(false)
  expect(sequences.note('a', 20, false)).toBe(false)
})

it('another mark of the same publisher is a loss, told once however many publishers tell it', () => {
  const marks = new Marks()
  const note = (...told: [publisher: string, mark: string][]): boolean[] => told.map((each) => marks.note(...each))
  expect(note(['a', '1'], ['b', '1'], ['a', '1'])).toEqual([false, false, false])
  expect(note(['a', '2'], ['b', '2'], ['c', '2'], ['a', '2'])).toEqual([true, false, false, false])
  expect(note(['b', '3'], ['a', '3'], ['c', '4'])).toEqual([true, false, true])
})

it('a mark that a newcomer brings is no loss, until others tell it instead of their own', () => {
  const marks = new Marks()
  expect(['a', 'b', 'a'].map((publisher) => marks.note(publisher, `of ${publisher}`))).toEqual([false, false, false])
  expect(marks.note('a', 'of b')).toBe(true)
})

it('a server that refuses to write shows its losses too', () => {
  const marks = new Marks()
  expect(['1', '-', '-', '2', '-'].map((mark) => marks.note('a', mark))).toEqual([false, true, false, true, true])
})
