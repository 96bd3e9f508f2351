/** What went wrong beyond what Redis and its client say themselves. */
export type RedisStoreErrorCode = 'ERR_REDIS_OPTIONS' | 'ERR_REDIS_VALUE' | 'ERR_REDIS_REPLICAS' | 'ERR_REDIS_UNFIT'

/** An error of this package. The engine wraps it into a `StoreError` whose `cause` it is. */
export class RedisStoreError extends Error {
  override readonly name: string = 'RedisStoreError'
  readonly code: RedisStoreErrorCode

  constructor(code: RedisStoreErrorCode, message: string, options?: ErrorOptions) {
    super(`${message} [${code}]`, options)
    this.code = code
  }
}
