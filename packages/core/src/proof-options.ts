/** Checks what a program says of an authentication. */
import { inspect } from 'node:util'

import { type Duration, parseDuration } from './contracts/duration.ts'
import { type OptionProblem, OptionsError } from './contracts/errors.ts'
import type { AssuranceLevel, Requirement } from './mechanisms/assurance.ts'
import type { Proof } from './mechanisms/intents.ts'

/** How a subject has proved who they are. */
export interface Authentication {
  /** 1: one factor. 2: two factors. 3: two factors, one of them hardware. As NIST SP 800-63B has them. */
  readonly level: Exclude<AssuranceLevel, 0>
  /** By what, in words of your own; those of RFC 8176 are usual: `'pwd'`, `'otp'`, `'hwk'`. */
  readonly methods: readonly string[]
}

/** What {@link Session.requireAuth} asks for. */
export interface AuthRequirement {
  /** @default 1 */
  readonly level?: AssuranceLevel
  /** How long ago the user may have proved who they are. @default any time */
  readonly within?: Duration
}

const LEVELS: readonly unknown[] = [1, 2, 3]
const METHODS = 16
const METHOD_LENGTH = 64

/**
 * @param callee for the message
 * @param knownMethods those that the session has already
 * @throws OptionsError `ERR_OPTIONS`
 */
export function readProof(
  callee: string,
  { level = 1, methods = [] }: Partial<Authentication>,
  knownMethods: readonly string[],
): Proof {
  const problems: OptionProblem[] = []
  if (!LEVELS.includes(level)) problems.push({ path: 'level', message: `${inspect(level)} is none of 1, 2, 3.` })
  if (!isListOfMethods(methods)) {
    problems.push({ path: 'methods', message: `write at most ${METHODS} short names, such as ['pwd', 'otp'].` })
  } else if (level > 1 && methods.length + knownMethods.length === 0) {
    problems.push({
      path: 'methods',
      message: `no method is recorded that could give level ${level}. Name those that did.`,
    })
  }
  if (problems.length > 0) throw new OptionsError(callee, problems)
  return { level, methods: [...methods] }
}

/** @throws OptionsError `ERR_OPTIONS` */
export function readRequirement({ level = 1, within }: AuthRequirement): Requirement {
  const problems: OptionProblem[] = []
  if (level !== 0 && !LEVELS.includes(level)) {
    problems.push({ path: 'level', message: `${inspect(level)} is none of 1, 2, 3.` })
  }
  const length = within === undefined ? undefined : parseDuration(within)
  if (within !== undefined && length === undefined) {
    problems.push({ path: 'within', message: `${inspect(within)} is no length of time. Write text such as '5m'.` })
  }
  if (problems.length > 0) throw new OptionsError('session.requireAuth()', problems)
  return { level, within: length }
}

function isListOfMethods(value: unknown): value is readonly string[] {
  const isMethod = (one: unknown): boolean =>
    typeof one === 'string' && one !== '' && one.length <= METHOD_LENGTH && one.isWellFormed()
  return Array.isArray(value) && value.length <= METHODS && value.every(isMethod)
}
