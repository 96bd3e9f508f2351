import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { packBody, patchBody, readBody } from './body.ts'
import { sizeOf } from './fields.ts'

const HEAD = { agent: 'Firefox', generation: 7 }

const name = fc.oneof(fc.constantFrom('a', 'b', 'ü', 'n'.repeat(200)), fc.string({ minLength: 1, maxLength: 3 }))
const value = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 1, maxLength: 2 }))
const fieldsOf = (size: number) => fc.array(fc.tuple(name, value), { maxLength: size })
const changesOf = (size: number) => fc.array(fc.tuple(name, fc.option(value, { nil: undefined })), { maxLength: size })

describe('a patched body', () => {
  it.each([
    ['few fields', 6],
    ['many fields', 60],
  ])('is the body that would have been written anew, with %s', (_, size) => {
    fc.assert(
      fc.property(fieldsOf(size), changesOf(size), (before, made) => {
        const packed = packBody(HEAD, new Map(before))
        const changes = new Map(made)
        const after = new Map(before)
        for (const [changed, bytes] of changes) {
          if (bytes === undefined) after.delete(changed)
          else after.set(changed, bytes)
        }
        const expected = packBody(HEAD, after).body
        for (const { body, fields } of [packed, { body: packed.body, fields: readBody(packed.body).fields }]) {
          const patched = patchBody(body, fields, changes)!
          expect(Buffer.from(patched.body).equals(expected)).toBe(true)
          expect([...patched.fields.keys()]).toEqual([...after.keys()])
          for (const [kept, bytes] of after) expect(Buffer.compare(patched.fields.get(kept)!, bytes)).toBe(0)
          expect(readBody(patched.body)).toMatchObject({ head: HEAD })
          expect(sizeOf(patched.fields)).toBe(sizeOf(after))
        }
      }),
    )
  })

  it('is not made of a body that fields do not lie in, or of one without a head', () => {
    const { body, fields } = packBody(HEAD, new Map([['a', new Uint8Array([1])]]))
    const changes = new Map([['a', undefined]])
    expect(patchBody(body, fields, changes)).toBeDefined()
    expect(patchBody(body.slice(), fields, changes)).toBeUndefined()
    expect(patchBody(body, new Map(fields), changes)).toBeUndefined()
    const old = Uint8Array.of(0x10)
    expect(patchBody(old, readBody(old).fields, changes)).toBeUndefined()
  })
})
