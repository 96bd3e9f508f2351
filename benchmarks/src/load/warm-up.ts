import type { LoadResult } from './load.ts'

/** Milliseconds. */
const LONGEST = 20_000

/** Repeats a load until so many requests were answered that code is compiled, but for some seconds at most. */
export async function warmUpBy(requests: number, load: () => Promise<LoadResult>): Promise<void> {
  const deadline = performance.now() + LONGEST
  for (let answered = 0; answered < requests && performance.now() < deadline;) answered += (await load()).requests
}
