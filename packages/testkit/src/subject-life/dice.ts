import fc from 'fast-check'

/** Answers numbers from 0 up to, not including, 1, each as likely as any other. */
export type Dice = () => number

/** A prime, so that in each turn other numbers meet. */
const ROLLS = 99_991
const SIDES = 2 ** 31

/** Makes dice that roll the same for the same seed. */
export function diceOf(seed: number): Dice {
  // Arbitraries prefer the ends of their range, which finds bugs and makes no dice.
  const roll = fc.noBias(fc.nat(SIDES - 1))
  const [rolls = []] = fc.sample(fc.array(roll, { minLength: ROLLS, maxLength: ROLLS, size: 'max' }), {
    seed,
    numRuns: 1,
  })
  let rolled = 0
  return () => rolls[rolled++ % ROLLS]! / SIDES
}
