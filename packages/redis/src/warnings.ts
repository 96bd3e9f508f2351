/** Every warning of this package, each told once per store through `process.emitWarning`. */
const WARNINGS = {
  WARN_REDIS_CLIENT:
    'The Redis client has settings that make requests wait for a server that is away, or send writes twice.',
  WARN_REDIS_EVICTION: 'Redis may evict live sessions when its memory is full, which logs users out silently.',
  WARN_REDIS_CLOCK: "This machine's clock and that of Redis differ. Sessions live by the latter.",
  WARN_REDIS_REPLICAS: 'Too few replicas confirmed an end or a renewal in time, so a failover may lose it.',
} as const

/** The code of a warning. */
export type RedisWarningCode = keyof typeof WARNINGS

/** Tells a warning, with what is to be known of the case at hand. */
export type Warn = (code: RedisWarningCode, details: string) => void

/** Makes the warner of one store. */
export function createWarner(): Warn {
  const told = new Set<RedisWarningCode>()
  return (code, details) => {
    if (told.has(code)) return
    told.add(code)
    process.emitWarning(`${WARNINGS[code]} ${details}`, { type: 'HoldfastWarning', code })
  }
}
