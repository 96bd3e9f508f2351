import { describe, expect, it } from 'vitest'
import { keyBytes, keyFromHex, keyOf } from './key-bytes.ts'
import { recordValues } from './record-values.ts'
import { partsOf, readAnswer } from './answer.ts'

const KEY = 'AAECAwQFBgcICQoLDA0ODw'
const HEX = '000102030405060708090a0b0c0d0e0f'

const SUBJECT = Buffer.from('nul\u0000é').toString('hex')

/** Reads the line as a client hands it on. */
function read(line: string): object {
  const { keyHex, now, words } = partsOf({ answer: `${HEX} 7 ${line}` })
  expect([keyHex, now]).toEqual([HEX, 7])
  return readAnswer(words, KEY)
}

const record = {
  format: 1,
  key: KEY,
  id: 'id',
  revision: 2 ** 40,
  commits: ['b', 'a'],
  createdAt: 1000,
  absoluteAt: 3000,
  idleTimeout: 500,
  persistent: true,
  subject: 'nul\u0000é',
  authenticatedAt: undefined,
  body: Buffer.of(0, 255),
}

describe('an answer', () => {
  it('shows a record as it was written', () => {
    const found = { outcome: 'found', key: KEY, record, idleUntil: 2000 }
    expect(read(`record 2000 1099511627776 1 1000 3000 500 t -1 id ${SUBJECT} 00ff b a`)).toEqual(found)
    expect(read('record 2 1 1 1 3 5 f 7 id -  a')).toMatchObject({
      record: { persistent: false, subject: undefined, authenticatedAt: 7, body: Buffer.alloc(0), commits: ['a'] },
    })
    expect(read('record 2 1 1 1 3 5 f 7 id  00 a')).toMatchObject({ record: { subject: '' } })
  })

  it('shows what a session left', () => {
    const alias = { successor: KEY, at: 5, graceUntil: 9, commitId: 'c' }
    expect(read(`alias ${HEX} 5 9 c`)).toEqual({ outcome: 'moved', key: KEY, alias })
    for (const sealedToken of [Buffer.of(0, 255), Buffer.alloc(0)]) {
      const line = `alias ${HEX} 5 9 c ${sealedToken.toString('hex')}`
      expect(read(line)).toEqual({ outcome: 'moved', key: KEY, alias: { ...alias, sealedToken } })
    }
    const ended = (tombstone: object): object => ({ outcome: 'ended', key: KEY, tombstone })
    const reason = 'any short text'
    expect(read(`tombstone 5 id c ${reason}`)).toEqual(ended({ reason, at: 5, id: 'id', commitId: 'c' }))
    expect(read('tombstone 5  c logout')).toEqual(ended({ reason: 'logout', at: 5, id: undefined, commitId: 'c' }))
    expect(() => read('kind 7')).toThrow(/kind 7/)
  })

  it('says whose it is where nothing lies', () => {
    const { keyHex, now, words } = partsOf({ answer: `${HEX} 7` })
    expect([keyHex, now, readAnswer(words, KEY)]).toEqual([HEX, 7, { outcome: 'absent', key: KEY }])
    expect(() => partsOf(undefined)).toThrow(/no row/)
  })

  it('shares no memory with other answers', () => {
    expect(read('record 2 1 1 1 3 5 f 7 id - 00ff a')).toHaveProperty('record.body.buffer.byteLength', 2)
  })
})

describe('the values of a record', () => {
  it('are in the order of the columns', () => {
    const values = recordValues(keyBytes(KEY), { ...record, idleUntil: 2000 })
    expect(values).toEqual([
      Buffer.from(HEX, 'hex'),
      2 ** 40,
      1,
      'id',
      'b a',
      1000,
      3000,
      500,
      2000,
      true,
      Buffer.from('nul\u0000é'),
      null,
      Buffer.of(0, 255),
    ])
  })
})

describe('keys', () => {
  it('are sixteen bytes', () => {
    expect(keyBytes(KEY).toString('hex')).toBe(HEX)
    expect(keyFromHex(HEX)).toBe(KEY)
    expect(() => keyBytes('short')).toThrow(TypeError)
  })

  it('are told from the answer, not from the question', () => {
    expect(keyOf(HEX, KEY, keyBytes(KEY))).toBe(KEY)
    expect(keyOf(HEX.replace('0f', 'ff'), KEY, keyBytes(KEY))).not.toBe(KEY)
  })
})
