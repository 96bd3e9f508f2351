/** Closed loops: every connection sends its next request when the last one is answered. */
import type { Shot } from '../scenarios.ts'

/** What a load is made of. It ends by time, or when all shots are spent. */
export interface LoadTerms {
  readonly port: number
  readonly shots: readonly Shot[]
  readonly connections: number
  /** Seconds, or `'spent'`: each shot once. */
  readonly duration: number | 'spent'
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
}

/** Generates loads. */
export interface LoadGenerator {
  readonly name: string
  run(terms: LoadTerms): Promise<LoadResult>
}

/** Refuses a load of which a request failed: what was measured is not what was meant. */
export function checked(result: LoadResult, failures: number): LoadResult {
  if (failures > 0) throw new Error(`${failures} of ${result.requests} requests failed.`)
  return result
}
