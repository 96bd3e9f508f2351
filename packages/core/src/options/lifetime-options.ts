import { inspect } from 'node:util'

import { type OptionProblem, OptionsError } from '../contracts/errors.ts'
import type { LifetimeChange } from '../mechanisms/intents.ts'
import type { Lifetime, LifetimePolicy } from '../mechanisms/lifetime.ts'
import type { OptionReader } from './option-reader.ts'
import type { SessionsOptions } from './options.ts'
import { DEFAULT_ANONYMOUS, LEVELS, LONGEST, PROFILES, type ProfileName } from './profiles.ts'

/** Reads the profile and the lifetimes, which may be shorter or, without a named limit, longer. */
export function readLifetimes(
  reader: OptionReader,
  given: SessionsOptions,
): { policy: LifetimePolicy; limit: Lifetime } {
  const name = reader.oneOf<ProfileName>('profile', given.profile, ['owasp', 'aal1', 'aal2', 'aal3'], 'owasp')
  const profile = PROFILES[name]
  const limit = profile.limit ?? { idleTimeout: LONGEST, absoluteTimeout: LONGEST }
  const why =
    profile.limit === undefined
      ? 'Browsers keep nothing for more than 400 days.'
      : `The profile '${name}' promises less (NIST SP 800-63B-4, 5.2); choose 'owasp' to set lifetimes of your own.`
  const read = (from: Readonly<Record<string, unknown>>, prefix: string, fallback: Lifetime): Lifetime => ({
    idleTimeout: reader.length(
      `${prefix}idleTimeout`,
      from['idleTimeout'],
      fallback.idleTimeout,
      limit.idleTimeout,
      why,
    ),
    absoluteTimeout: reader.length(
      `${prefix}absoluteTimeout`,
      from['absoluteTimeout'],
      fallback.absoluteTimeout,
      limit.absoluteTimeout,
      why,
    ),
  })
  const readGroup = (path: 'remember' | 'anonymous', fallback: Lifetime): Lifetime => {
    const group = reader.object(path, given[path])
    reader.knownNames(group, Object.keys(fallback), `${path}.`)
    return read(group, `${path}.`, fallback)
  }
  const usual = read(given as Record<string, unknown>, '', profile.lifetimes)
  const policy = {
    ...usual,
    remember: readGroup('remember', profile.lifetimes.remember),
    anonymous: readGroup('anonymous', {
      // Who says how long sessions live means all of them, unless they say otherwise.
      ...shorter(DEFAULT_ANONYMOUS, usual),
      ...(given.idleTimeout !== undefined && { idleTimeout: usual.idleTimeout }),
      ...(given.absoluteTimeout !== undefined && { absoluteTimeout: usual.absoluteTimeout }),
    }),
    levels: LEVELS,
    isSuspending: profile.isSuspending,
    jitter: readJitter(reader, given.jitter),
  }
  return { policy, limit }
}

/** Answers the shorter of two lifetimes, limit by limit. */
function shorter(one: Lifetime, other: Lifetime): Lifetime {
  return {
    idleTimeout: Math.min(one.idleTimeout, other.idleTimeout),
    absoluteTimeout: Math.min(one.absoluteTimeout, other.absoluteTimeout),
  }
}

const MOST_JITTER = 0.05

function readJitter(reader: OptionReader, value: unknown): number {
  if (value === undefined) return MOST_JITTER
  if (typeof value === 'number' && value >= 0 && value <= MOST_JITTER) return value
  reader.reject('jitter', `${inspect(value)} is no share from 0 to ${MOST_JITTER}. Write 0 for none.`)
  return MOST_JITTER
}

/** The longest lifetimes that a session of a level may be given. */
export function limitOfLevel(limit: Lifetime, level: number): Lifetime {
  const ofLevel = LEVELS[level]
  return ofLevel === undefined ? limit : shorter(limit, ofLevel)
}

/**
 * Checks the lifetime that a program wants for one session, which has lasted `age` milliseconds.
 *
 * @throws OptionsError `ERR_OPTIONS`
 */
export function checkLifetime({ idleTimeout, absoluteTimeout }: LifetimeChange, limit: Lifetime, age: number): void {
  const problems: OptionProblem[] = []
  const tooLong =
    'is longer than the profile of this engine, the level of this session, or the 400 days of browsers allow.'
  if (idleTimeout !== undefined && idleTimeout > limit.idleTimeout) {
    problems.push({ path: 'idleTimeout', message: `${idleTimeout} ms ${tooLong}` })
  }
  if (absoluteTimeout !== undefined && absoluteTimeout > limit.absoluteTimeout) {
    problems.push({ path: 'absoluteTimeout', message: `${absoluteTimeout} ms ${tooLong}` })
  }
  if (absoluteTimeout !== undefined && absoluteTimeout <= age) {
    problems.push({
      path: 'absoluteTimeout',
      message: 'that much time has passed already. Use `destroy()` to end the session.',
    })
  }
  if (problems.length > 0) throw new OptionsError('session.setLifetime()', problems)
}
