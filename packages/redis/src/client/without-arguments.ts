/** What Redis says of a command that it does not know. Its arguments are repeated after that. */
const REPEATED_ARGUMENTS = /, with args beginning with:[^\n]*/

/**
 * Takes out of an error what its command was about, and answers it: ioredis hangs the arguments on each error, where
 * whatever prints the `cause` of a `StoreError` finds the keys of sessions, and records.
 */
export function withoutArguments<Reason>(error: Reason): Reason {
  if (!(error instanceof Error)) return error
  if ('command' in error && typeof error.command === 'object' && error.command !== null) {
    Reflect.deleteProperty(error.command, 'args')
  }
  if (REPEATED_ARGUMENTS.test(error.message)) {
    error.message = error.message.replace(REPEATED_ARGUMENTS, '')
    if (error.stack !== undefined) error.stack = error.stack.replace(REPEATED_ARGUMENTS, '')
  }
  return error
}
