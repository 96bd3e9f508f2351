import { setTimeout as delay } from 'node:timers/promises'

/**
 * Milliseconds that a distant store takes to answer. A write takes longer since it waits for a disk or a second
 * machine. The same for every contender with such a store.
 */
export const LATENCY = { read: 2, write: 100 } as const

/** Does something at the far end: half of the latency passes before it has happened, half before that is known. */
export async function acrossHop<Result>(
  kind: keyof typeof LATENCY,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  await delay(LATENCY[kind] / 2)
  const result = await work()
  await delay(LATENCY[kind] / 2)
  return result
}
