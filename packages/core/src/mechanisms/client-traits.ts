/** What a list of devices shows of a client: little enough to tell two devices of one user apart. */
import { isIPv4, isIPv6 } from 'node:net'

import type { Exchange } from '../contracts/exchange.ts'

/** What is kept of a client. */
export interface ClientTraits {
  readonly agent?: string | undefined
  readonly address?: string | undefined
}

/** What may be kept. */
export interface ClientTraitsPolicy {
  /** Names the program and device that a `User-Agent` header stands for, coarsely; `undefined`: nothing is kept of it. */
  readonly describeAgent: ((userAgent: string) => string | undefined) | undefined
  readonly isAddressKept: boolean
}

/** Longer labels are not coarse. */
const LONGEST_LABEL = 64

/** Answers what is kept of the client of an exchange. A function that throws keeps nobody from signing in. */
export function clientTraits(exchange: Exchange, { describeAgent, isAddressKept }: ClientTraitsPolicy): ClientTraits {
  const agent = describeAgent && labelOf(describeAgent, exchange.header('user-agent'))
  const address = isAddressKept ? networkOf(exchange.address) : undefined
  return { agent, address }
}

function labelOf(describe: (userAgent: string) => unknown, userAgent: string | undefined): string | undefined {
  if (userAgent === undefined) return undefined
  try {
    const label = describe(userAgent)
    return typeof label === 'string' && label !== '' ? label.slice(0, LONGEST_LABEL).toWellFormed() : undefined
  } catch {
    return undefined
  }
}

/** Answers the network of an address: the first 24 bits of IPv4, the first 48 of IPv6; `undefined` for anything else. */
export function networkOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(plain)) return `${plain.split('.').slice(0, 3).join('.')}.0/24`
  return isIPv6(plain) ? `${firstGroups(plain)}::/48` : undefined
}

/** The first three groups of an IPv6 address, without what they have at the end that says nothing. */
function firstGroups(address: string): string {
  const [head = ''] = address.split('%')
  const [left = '', right] = head.toLowerCase().split('::')
  const before = left === '' ? [] : left.split(':')
  const after = right === undefined || right === '' ? [] : right.split(':')
  // A dotted tail stands for two groups.
  const length = before.length + after.length + (head.includes('.') ? 1 : 0)
  const gap = right === undefined ? 0 : 8 - length
  const groups = [...before, ...Array.from({ length: gap }, () => '0'), ...after].slice(0, 3)
  const shown = groups.map((group) => Number.parseInt(group, 16).toString(16))
  while (shown.at(-1) === '0') shown.pop()
  return shown.join(':')
}
