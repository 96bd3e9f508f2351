import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { Keyspace } from './keyspace.ts'
import { randomText } from './testing/records.ts'

it.each(['holdfast', 'shop:1', 'ünï', '商店'])(
  'a key is read back out of the name of its place: prefix %s',
  (prefix) => {
    const keyspace = new Keyspace(prefix)
    const [key, other] = [randomText(16), randomText(16)]
    const name = Buffer.from(keyspace.record(key))
    for (const expected of [key, other, '', key.slice(1)]) expect(keyspace.keyIn(name, expected)).toBe(key)
  },
)

it('no key is read out of what is no name', () => {
  const keyspace = new Keyspace('holdfast')
  for (const wrong of [undefined, null, 1, keyspace.record(randomText(16)), []])
    expect(keyspace.keyIn(wrong, '')).toBe('')
})
