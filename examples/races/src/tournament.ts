import type { Contender } from './contender.ts'
import { createDesk } from './desk.ts'
import { RACES, type Race, type Round } from './races.ts'

export interface Result {
  readonly name: string
  readonly store: string
  /** What was lost in all rounds, by the title of the race. */
  readonly losses: Readonly<Record<string, number>>
}

const ROUNDS_AT_ONCE = 20

/** Takes one contender through so many rounds of every race. Each round has a session of its own. */
export async function compete(contender: Contender, rounds: number): Promise<Result> {
  const desk = createDesk()
  const { url, close } = await contender.start(desk)
  try {
    const losses: Record<string, number> = {}
    for (const race of RACES) losses[race.title] = await runRounds(race, rounds, { url, desk })
    return { name: contender.name, store: contender.store, losses }
  } finally {
    await close()
  }
}

async function runRounds(race: Race, rounds: number, place: Omit<Round, 'name'>): Promise<number> {
  let lost = 0
  for (let first = 0; first < rounds; first += ROUNDS_AT_ONCE) {
    const size = Math.min(ROUNDS_AT_ONCE, rounds - first)
    const batch = Array.from({ length: size }, (_, index) => race.run({ ...place, name: `errand-${first + index}` }))
    for (const loss of await Promise.all(batch)) lost += loss
  }
  return lost
}
