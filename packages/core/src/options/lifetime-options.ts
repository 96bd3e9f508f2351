import { type OptionProblem, OptionsError } from '../contracts/errors.ts'
import type { LifetimeChange } from '../mechanisms/intents.ts'
import type { Lifetime, LifetimePolicy } from '../mechanisms/lifetime.ts'
import type { OptionReader } from './option-reader.ts'
import type { SessionsOptions } from './options.ts'
import { DEFAULT_REMEMBER, LONGEST, PROFILES, type ProfileName } from './profiles.ts'

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
  const remember = reader.object('remember', given.remember)
  reader.knownNames(remember, Object.keys(DEFAULT_REMEMBER), 'remember.')
  const policy = {
    ...read(given as Record<string, unknown>, '', profile.lifetimes),
    remember: read(remember, 'remember.', profile.lifetimes.remember),
  }
  return { policy, limit }
}

/**
 * Checks the lifetime that a program wants for one session, which has lasted `age` milliseconds.
 *
 * @throws OptionsError `ERR_OPTIONS`
 */
export function checkLifetime({ idleTimeout, absoluteTimeout }: LifetimeChange, limit: Lifetime, age: number): void {
  const problems: OptionProblem[] = []
  const tooLong = 'is longer than the profile of this engine, or the 400 days of browsers, allow.'
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
