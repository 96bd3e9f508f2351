/**
 * The two functions of a test framework that the suites need. Those of vitest, `node:test`, Jest and Mocha fit.
 *
 * The third argument of `it` is the time that a case may take, in milliseconds. Vitest and Jest heed it; give Mocha
 * `--timeout 120000` when the store's clock cannot be moved and the suite really has to wait.
 */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>, timeout?: number): unknown
}
