import type { ScriptRunner } from '../client/link.ts'
import type { Keyspace } from '../keyspace.ts'
import { SCRIPTS } from '../scripts/scripts.ts'

const NUMBER = /^\d{1,16}$/

/**
 * The number by which all sessions can be ended at once. What this process knows of it goes along with each question, so
 * that a server which has forgotten it, after a failover for instance, learns it within a heartbeat.
 */
export class Generation {
  readonly #name: string
  readonly #onShifted: () => void
  #known = 0

  /** `onShifted` is called when an answer came that belongs to another question. */
  constructor(keyspace: Keyspace, onShifted: () => void) {
    this.#name = keyspace.generation
    this.#onShifted = onShifted
  }

  /** Answers the greatest of what is kept, what is known and what it is to be raised to. */
  async atLeast(to: number, scripts: ScriptRunner): Promise<number> {
    const asked = Math.max(this.#known, Math.trunc(to))
    const reply = await scripts.run(SCRIPTS.generation, { keys: [this.#name], values: [asked] })
    const [name, text] = (Array.isArray(reply) ? reply : []) as unknown[]
    if (String(name) !== this.#name || !NUMBER.test(String(text))) {
      this.#onShifted()
      throw new Error('Redis answered the question for the generation with what is none, so it was thrown away.')
    }
    this.#known = Math.max(this.#known, Number(text))
    return this.#known
  }
}
