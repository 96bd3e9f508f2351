/** Checks what a program says of whose session it means. */
import { inspect } from 'node:util'

import { OptionsError } from './contracts/errors.ts'

/** In characters. */
const LONGEST = 512

/** @param callee for the message @throws OptionsError `ERR_OPTIONS` for what can be nobody's id */
export function checkSubject(callee: string, subject: unknown): void {
  if (typeof subject === 'string' && subject !== '' && subject.length <= LONGEST && subject.isWellFormed()) return
  const found = inspect(subject, { maxStringLength: 40 })
  const message = `${found} names nobody. Give the id of the user as a string of 1 to ${LONGEST} characters.`
  throw new OptionsError(callee, [{ path: 'subject', message }])
}
