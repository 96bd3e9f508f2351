/** One wrong option: where it is, and what to do about it. */
export interface Problem {
  readonly path: string
  readonly message: string
}

/** Options are wrong. Has the shape of core's `OptionsError`, which a store cannot import. */
export class PostgresOptionsError extends Error {
  override readonly name: string = 'OptionsError'
  readonly code = 'ERR_OPTIONS'
  readonly status = 500
  readonly statusCode = 500
  readonly isRetryable = false
  readonly problems: readonly Problem[]

  constructor(callee: string, problems: readonly Problem[]) {
    const list = problems.map(({ path, message }) => `\n- \`${path}\`: ${message}`).join('')
    super(`${callee} was given options that cannot work:${list}\n [ERR_OPTIONS]`)
    this.problems = problems
  }

  static {
    Object.defineProperty(this.prototype, Symbol.for('holdfast.error'), { value: true })
  }
}
