/** Refuses what only a store can promise: programs without types would get a handle that lies to them. */
import { UsageError } from '../contracts/errors.ts'
import type { Devices } from '../devices.ts'
import type { KeyCensus } from '../key-census.ts'

/** What engines with a store offer beside their sessions. Absent from the types of the one without. */
const METHODS = [
  'list',
  'end',
  'endOthers',
  'endAll',
  'endEverything',
  'watch',
  'countByKey',
] as const satisfies readonly (keyof Devices | keyof KeyCensus)[]

/** @throws UsageError `ERR_NO_STORE` */
export function refuseWithoutStore(method: string): never {
  throw new UsageError(
    'ERR_NO_STORE',
    `\`${method}\` needs a store, and these sessions lie in cookies, which only their clients hold: nobody can look ` +
      'them up, end them, or see that two requests overlap. Use `createSessions({ store })` for that.',
  )
}

/** Adds to an engine what refuses the methods that it does not have. */
export function refuseAll<Engine extends object>(engine: Engine): Engine {
  for (const name of METHODS) {
    Object.defineProperty(engine, name, { value: () => refuseWithoutStore(`sessions.${name}()`), enumerable: false })
  }
  return engine
}
