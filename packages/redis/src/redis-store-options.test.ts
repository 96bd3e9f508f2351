import { Cluster, Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { describe, expect, it } from 'vitest'
import { RedisOptionsError, redisStore, type RedisStoreOptions } from './index.ts'

const client = new Redis({ lazyConnect: true })

function problems(options: object): string[] {
  try {
    redisStore(options as RedisStoreOptions)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(RedisOptionsError)
    expect((error as RedisOptionsError).code).toBe('ERR_REDIS_OPTIONS')
    return (error as RedisOptionsError).problems.map(({ path }) => path)
  }
}

describe('options', () => {
  it('are checked together', () => {
    const wrong = { client: {}, prefix: 'a*', durability: { replicas: 0, timeout: -1, ifFewer: 'x' }, prefxi: 'a' }
    expect(problems(wrong)).toEqual([
      'prefxi',
      'client',
      'prefix',
      'durability.replicas',
      'durability.timeout',
      'durability.ifFewer',
    ])
  })

  it('a prefix holds nothing that a pattern or a slot would read', () => {
    for (const prefix of [
      '',
      ' ',
      'a b',
      'a*',
      'a?',
      '[a]',
      'a\\',
      'a{b',
      'b}',
      'a\n',
      'a\u0000',
      'a\u007f',
      'x'.repeat(65),
    ]) {
      expect(problems({ client, prefix })).toEqual(['prefix'])
    }
    for (const prefix of ['a', 'a:b', 'shop-1', 'ünï', 'a.b/c']) expect(problems({ client, prefix })).toEqual([])
  })
})

describe('a client', () => {
  it('of another kind is refused, and the message says what is supported', () => {
    class RedisClientOfAnotherLibrary {
      readonly isCluster = false
      readonly options = {}
    }
    for (const wrong of [undefined, null, 'redis://localhost', {}, new RedisClientOfAnotherLibrary()]) {
      expect(() => redisStore({ client: wrong as never })).toThrow(/ioredis 5 and 6/)
    }
    expect(() => redisStore({ client: new RedisClientOfAnotherLibrary() as never })).toThrow(
      /RedisClientOfAnotherLibrary/,
    )
  })

  it('that adds a prefix or reads from replicas is refused', () => {
    for (const wrong of [
      new Redis({ lazyConnect: true, keyPrefix: 'a:' }),
      new Redis({ lazyConnect: true, readOnly: true }),
      new Redis({ lazyConnect: true, sentinels: [{ port: 1 }], name: 'a', role: 'slave' }),
      new Cluster([], { lazyConnect: true, scaleReads: 'slave' }),
      new Cluster([], { lazyConnect: true, redisOptions: { keyPrefix: 'a:' } }),
    ]) {
      expect(problems({ client: wrong })).toEqual(['client'])
    }
    expect(problems({ client: new Cluster([], { lazyConnect: true }) })).toEqual([])
  })
  it('that bundles commands by itself is refused: it would lose their names', () => {
    for (const wrong of [
      new Redis({ lazyConnect: true, enableAutoPipelining: true }),
      new Redis5({ lazyConnect: true, enableAutoPipelining: true }),
      new Cluster([], { lazyConnect: true, enableAutoPipelining: true }),
      new Cluster([], { lazyConnect: true, redisOptions: { enableAutoPipelining: true } }),
    ]) {
      expect(problems({ client: wrong })).toEqual(['client'])
      expect(() => redisStore({ client: wrong })).toThrow(/`enableAutoPipelining`.*Leave it out/)
    }
  })
})
