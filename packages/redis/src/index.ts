/** The Redis store of Holdfast sessions, over your own ioredis client. */
export { type RedisStore, redisStore } from './redis-store.ts'
export { RedisStoreError, type RedisStoreErrorCode } from './redis-store-error.ts'
export {
  type RedisDurability,
  type RedisOptionProblem,
  RedisOptionsError,
  type RedisStoreOptions,
} from './redis-store-options.ts'
