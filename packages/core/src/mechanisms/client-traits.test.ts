import { describe, expect, it } from 'vitest'

import { networkOf } from './client-traits.ts'

const ADDRESSES: readonly (readonly [address: string | undefined, network: string | undefined])[] = [
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:77:1::5', '2001:db8:77::/48'],
  ['2001:DB8:0077:1:2:3:4:5', '2001:db8:77::/48'],
  ['2001:db8::5', '2001:db8::/48'],
  ['fe80::1%eth0', 'fe80::/48'],
  ['64:ff9b::203.0.113.77', '64:ff9b::/48'],
  ['::1', '::/48'],
  ['unix:', undefined],
  ['203.0.113.77, 10.0.0.1', undefined],
  ['', undefined],
  [undefined, undefined],
]

describe('the network of a client', () => {
  it.each(ADDRESSES)('NIST 5.3-c: of %j is %j', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
