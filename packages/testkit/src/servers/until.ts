import { setTimeout as sleep } from 'node:timers/promises'

/** How {@link until} asks. */
export interface UntilOptions {
  /** What is waited for, as the error says it. */
  readonly what: string
  /** Milliseconds between two questions. @default 10 */
  readonly every?: number
  /** Milliseconds until it gives up. @default 15000 */
  readonly within?: number
}

/**
 * Asks until the answer is neither `undefined` nor `false`, and answers it. A question that fails counts as not yet.
 *
 * @throws an error with the last failure as its cause, when time is up
 */
export async function until<Answer>(
  ask: () => Promise<Answer | undefined | false> | Answer | undefined | false,
  { what, every = 10, within = 15_000 }: UntilOptions,
): Promise<Answer> {
  const deadline = performance.now() + within
  let cause: unknown
  while (performance.now() < deadline) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      cause = error
    }
    await sleep(every)
  }
  throw new Error(`Waited ${within} ms in vain for ${what}.`, { cause })
}
