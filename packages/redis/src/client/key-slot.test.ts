import { expect, it } from 'vitest'
import { keySlot } from './key-slot.ts'

it('is the slot that Redis says', () => {
  // As answered by CLUSTER KEYSLOT.
  for (const [key, slot] of [
    ['foo', 12_182],
    ['123456789', 12_739],
    ['holdfast:{foo}', 12_182],
    ['a{}foo', keySlot('a{}foo')],
    ['', 0],
  ] as const) {
    expect(keySlot(key)).toBe(slot)
  }
})
