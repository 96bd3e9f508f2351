import type { Fleet } from '../fleet.ts'
import type { Observed } from '../observed.ts'

/** Asks every process of a fleet what it observed. */
export function observedBy(fleet: Fleet): Promise<Observed[]> {
  return ask<Observed>(fleet, '/observed')
}

/** Answers how much memory each process holds, after a collection. */
export async function memoryOf(fleet: Fleet): Promise<number[]> {
  const told = await ask<{ memory: number }>(fleet, '/process')
  return told.map(({ memory }) => memory)
}

function ask<Told>(fleet: Fleet, path: string): Promise<Told[]> {
  return Promise.all(fleet.urls.map(async (_, turn) => (await fleet.browser(turn).get(path)).json<Told>()))
}
