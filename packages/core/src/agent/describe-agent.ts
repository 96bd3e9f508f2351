import Bowser from 'bowser'

/** Longer headers are nobody's browser. */
const LONGEST_HEADER = 512

/**
 * Names the program and the system that a `User-Agent` header stands for, such as `'Firefox on Linux'`: no versions, no
 * models, so that it tells two devices of one user apart and little else. `undefined` where neither is known.
 *
 * @example
 * ```ts
 * import { createSessions, memoryStore } from '@holdfast/core'
 * import { describeAgent } from '@holdfast/core/agent'
 *
 * const sessions = createSessions({ store: memoryStore(), devices: { describeAgent } })
 * ```
 */
export function describeAgent(userAgent: string): string | undefined {
  if (userAgent === '') return undefined
  const parser = Bowser.getParser(userAgent.slice(0, LONGEST_HEADER))
  const [program, system] = [parser.getBrowserName(), parser.getOSName()]
  if (program === '') return system === '' ? undefined : system
  return system === '' ? program : `${program} on ${system}`
}
