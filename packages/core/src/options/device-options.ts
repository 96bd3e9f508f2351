/** How many sessions a subject may have, and what is kept to tell them apart. */
import { inspect } from 'node:util'

import type { AnyStore } from '../contracts/store.ts'
import type { ClientTraitsPolicy } from '../mechanisms/client-traits.ts'
import { isSubjectIndex } from '../mechanisms/powers.ts'
import type { LimitPolicy, SessionLimit } from '../mechanisms/seats.ts'
import type { OptionReader } from './option-reader.ts'
import type { SessionsOptions } from './options.ts'

/** What {@link Sessions.list} can show of a client. */
export interface DeviceOptions {
  /**
   * Names the program and device that a `User-Agent` header stands for, such as `'Firefox on Linux'`. That name is kept
   * with signed-in sessions; the header never is.
   */
  readonly describeAgent?: (userAgent: string) => string | undefined
  /** `'network'`: the first 24 bits of an IPv4 address, 48 of an IPv6 address; `false`: nothing. @default 'network' */
  readonly address?: 'network' | false
}

/** How many sessions a subject may have at once. */
export interface MaxSessions {
  readonly limit: number
  /** Who goes when there are more: the one that signed in first, the latest but for the new one, or the new one itself. @default 'oldest' */
  readonly policy?: LimitPolicy
}

export interface DeviceSettings {
  readonly sessionLimit: SessionLimit | undefined
  readonly traits: ClientTraitsPolicy
}

const POLICIES = ['oldest', 'newest', 'refuse'] as const

/** More could not be compared at each login. */
const HIGHEST = 1000

/** Reads `maxSessions` and `devices`. */
export function readDevices(reader: OptionReader, given: SessionsOptions): DeviceSettings {
  const devices = reader.object('devices', given.devices)
  reader.knownNames(devices, ['describeAgent', 'address'], 'devices.')
  const { describeAgent } = devices
  if (describeAgent !== undefined && typeof describeAgent !== 'function') {
    reader.reject('devices.describeAgent', `${inspect(describeAgent)} is no function of a \`User-Agent\` header.`)
  }
  const address = reader.oneOf<unknown>('devices.address', devices['address'], ['network', false], 'network')
  return {
    sessionLimit: readLimit(reader, given),
    traits: {
      describeAgent: describeAgent as ClientTraitsPolicy['describeAgent'],
      isAddressKept: address === 'network',
    },
  }
}

function readLimit(reader: OptionReader, { maxSessions, store }: SessionsOptions): SessionLimit | undefined {
  if (maxSessions === undefined) return undefined
  const group = typeof maxSessions === 'number' ? { limit: maxSessions } : reader.object('maxSessions', maxSessions)
  reader.knownNames(group, ['limit', 'policy'], 'maxSessions.')
  const { limit } = group as { limit?: unknown }
  if (!Number.isSafeInteger(limit) || (limit as number) < 1 || (limit as number) > HIGHEST) {
    reader.reject(
      'maxSessions',
      `${inspect(limit)} is no number of sessions. Write a whole number from 1 to ${HIGHEST}.`,
    )
  }
  if (store !== undefined && !isSubjectIndex(store as AnyStore)) {
    reader.reject('maxSessions', 'this store cannot find the sessions of a subject (it has no `listSubject`).')
  }
  const policy = (group as { policy?: unknown }).policy
  return { limit: limit as number, policy: reader.oneOf<LimitPolicy>('maxSessions.policy', policy, POLICIES, 'oldest') }
}
