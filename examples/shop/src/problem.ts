import { isHoldfastError } from '@holdfast/express'

/** Something the client can be told: a status, a code for programs and a sentence for people. */
export class Problem extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Decides what of an error is told to the client. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (isHoldfastError(error)) {
    if (error.status === 503) {
      return new Problem(503, error.code, 'The shop cannot reach its sessions at the moment. Please try again.')
    }
    if (error.status === 401) {
      return new Problem(401, error.code, 'You signed out while this was under way, so it was not done.')
    }
  }
  if (isClientError(error)) return new Problem(error.status, 'BAD_REQUEST', error.message)
  return new Problem(500, 'INTERNAL', 'Something broke on our side.')
}

/** Express and its body parsers mark what may be told by `expose`. */
function isClientError(error: unknown): error is Error & { readonly status: number } {
  return error instanceof Error && 'expose' in error && error.expose === true && 'status' in error
}
