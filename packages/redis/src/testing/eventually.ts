import { setTimeout as wait } from 'node:timers/promises'

/** Asks until there is an answer; throws the last error when time is up. */
export async function eventually<Answer>(ask: () => Answer | Promise<Answer>, within = 10_000): Promise<Answer> {
  for (const end = performance.now() + within; ; await wait(20)) {
    try {
      return await ask()
    } catch (error) {
      if (performance.now() > end) throw error
    }
  }
}
