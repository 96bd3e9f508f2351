import type { BrokenStore } from './broken-store.ts'

export const brokenSweep: readonly BrokenStore[] = [
  {
    fault: 'sweep removes what is over at once',
    breaks: 'sweep leaves alone what lives, and what is over but still kept',
    make: (sound, shift) => ({ ...sound, sweep: (given) => shift(60_000, () => sound.sweep(given)) }),
  },
  {
    fault: 'sweep does nothing',
    breaks: 'sweep removes what is 60 s past its end, and answers how many entries that were',
    make: (sound) => ({ ...sound, sweep: async () => 0 }),
  },
]
