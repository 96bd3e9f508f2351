import { bench, do_not_optimize, group } from 'mitata'

/** Adds a measurement of something synchronous. */
export function measure(name: string, work: () => unknown): void {
  bench(name, () => do_not_optimize(work()))
}

/** Adds a measurement of something that ends later. */
export function measureAsync(name: string, work: () => Promise<unknown>): void {
  bench(name, async () => do_not_optimize(await work()))
}

/** Adds measurements of many calls at once, for each concurrency; the times are those of a whole batch. */
export function measureBatches(name: string, call: () => Promise<unknown>): void {
  group(name, () => {
    for (const concurrency of [1, 32, 256]) {
      measureAsync(`${name}, ${concurrency} at once`, () => Promise.all(Array.from({ length: concurrency }, call)))
    }
  })
}
