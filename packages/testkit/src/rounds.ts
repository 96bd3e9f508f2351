/**
 * Plays numbered rounds, several at a time, and stops at the first that fails; its error names the round.
 *
 * @param atOnce how many rounds are under way together. @default 8
 */
export async function rounds(count: number, play: (round: number) => Promise<void>, atOnce: number = 8): Promise<void> {
  let next = 0
  let hasFailed = false
  const work = async (): Promise<void> => {
    while (next < count && !hasFailed) {
      const round = next++
      try {
        await play(round)
      } catch (error) {
        hasFailed = true
        if (error instanceof Error) error.message = `Round ${round}: ${error.message}`
        throw error
      }
    }
  }
  const finished = await Promise.allSettled(Array.from({ length: Math.min(atOnce, count) }, work))
  for (const one of finished) if (one.status === 'rejected') throw one.reason
}
