/** A whole or decimal number of milliseconds, or text such as `'250ms'`, `'30s'`, `'30m'`, `'8h'`, `'14d'`. */
export type Duration = number | `${number}${DurationUnit}`

/** The units that a {@link Duration} may be written in. */
export type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd'

const MILLISECONDS: Record<DurationUnit, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads a {@link Duration}; answers milliseconds, or `undefined` for anything that is not one. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined
  if (typeof value !== 'string') return undefined
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value)
  if (match === null) return undefined
  return Math.round(Number(match[1]) * MILLISECONDS[match[2] as DurationUnit])
}
