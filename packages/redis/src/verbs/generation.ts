import type { ScriptRunner } from '../client/link.ts'
import type { Keyspace } from '../keyspace.ts'
import { SCRIPTS } from '../scripts/scripts.ts'

const NUMBER = /^\d{1,16}$/

/** Raises the generation to a number, if that is greater, and answers what it is then. An answer names its place. */
export async function generationFrom(to: number, scripts: ScriptRunner, { generation }: Keyspace): Promise<number> {
  const reply = await scripts.run(SCRIPTS.generation, { keys: [generation], values: [Math.trunc(to)] })
  const [name, kept] = (Array.isArray(reply) ? reply : []) as unknown[]
  if (String(name) === generation && NUMBER.test(String(kept))) return Number(kept)
  throw new Error('Redis answered the question for the generation with what is none, so it was thrown away.')
}
