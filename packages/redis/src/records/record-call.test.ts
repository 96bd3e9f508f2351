import { expect, it } from 'vitest'
import { nextOf, someRecord } from '../testing/records.ts'
import { encodeCall } from './record-call.ts'
import { COMMIT_TEXT, pack } from './packed-text.ts'
import { encodeRecord, packRevision } from './record-layout.ts'

it('has commit id, expected revision, mark, stamp and record at the places that scripts look at', () => {
  const record = nextOf(someRecord())
  const [commitId = ''] = record.commits
  for (const isIndexed of [false, true]) {
    for (const stamp of ['', 'AbCdEfGhIjk 9007199254740991 ']) {
      const bytes = encodeCall({ record, commitId, expected: 7, isIndexed, stamp })
      expect(bytes.subarray(0, 9)).toEqual(pack(commitId, COMMIT_TEXT))
      expect(bytes.subarray(9, 15)).toEqual(packRevision(7))
      expect(bytes[15]).toBe(isIndexed ? 1 : 0)
      expect(bytes[16]).toBe(stamp.length)
      expect(bytes.toString('latin1', 17, 17 + stamp.length)).toBe(stamp)
      expect(bytes.subarray(17 + stamp.length)).toEqual(encodeRecord(record))
    }
  }
})

it('refuses a commit id that is none', () => {
  const record = someRecord()
  expect(() => encodeCall({ record, commitId: 'short', expected: 0, isIndexed: false, stamp: '' })).toThrow(TypeError)
})
