import { problemsOfClient } from './client/client-problems.ts'
import type { AnyRedisClient } from './client/redis-client.ts'
import { RedisStoreError } from './redis-store-error.ts'

/** What an end and a renewal wait for before they are acknowledged. */
export interface RedisDurability {
  /** How many replicas must have confirmed, as `WAIT` counts them. */
  readonly replicas: number
  /**
   * How long they are waited for, in milliseconds. Keep it well below the engine's `storeDeadline`.
   *
   * @default 50
   */
  readonly timeout?: number | undefined
  /**
   * What becomes of an end or a renewal that too few replicas have confirmed in time. It stands on the master either way.
   *
   * - `'warn'`: it is acknowledged, and a warning says so once.
   * - `'throw'`: it is an error, and the engine sends it again.
   *
   * @default 'warn'
   */
  readonly ifFewer?: 'warn' | 'throw' | undefined
}

/** What `redisStore` may be told. */
export interface RedisStoreOptions {
  /** Your own client: `new Redis(…)` or `new Cluster(…)` of ioredis 5 or 6. The store never closes it. */
  readonly client: AnyRedisClient
  /**
   * What the names of all keys begin with. Stores with different prefixes never meet.
   *
   * @default 'holdfast'
   */
  readonly prefix?: string | undefined
  /**
   * Whether ends and renewals wait for replicas, on a connection of their own.
   *
   * @default false
   */
  readonly durability?: RedisDurability | false | undefined
}

/** {@link RedisStoreOptions} with all defaults filled in. */
export interface ResolvedRedisStoreOptions {
  readonly client: AnyRedisClient
  readonly prefix: string
  readonly durability: Required<{ [Name in keyof RedisDurability]: NonNullable<RedisDurability[Name]> }> | undefined
}

/** One wrong option: where it is, and what to do about it. */
export interface RedisOptionProblem {
  readonly path: string
  readonly message: string
}

/** Options of the store are wrong. Thrown at start, with all problems together. */
export class RedisOptionsError extends RedisStoreError {
  override readonly name: string = 'RedisOptionsError'
  readonly problems: readonly RedisOptionProblem[]

  constructor(problems: readonly RedisOptionProblem[]) {
    const list = problems.map(({ path, message }) => `\n- \`${path}\`: ${message}`).join('')
    super('ERR_REDIS_OPTIONS', `redisStore was given options that cannot work:${list}\n`)
    this.problems = problems
  }
}

const PREFIX = /^[^\s\p{Cc}{}*?[\]\\^]{1,64}$/u
const KNOWN = ['client', 'prefix', 'durability']

/** Checks the options and fills in defaults; throws {@link RedisOptionsError} with all problems. */
export function resolveRedisStoreOptions(options: RedisStoreOptions): ResolvedRedisStoreOptions {
  const { client, prefix = 'holdfast', durability = false } = options
  const problems: RedisOptionProblem[] = Object.keys(options)
    .filter((name) => !KNOWN.includes(name))
    .map((path) => ({ path, message: `is not an option. Known are ${KNOWN.map((name) => `\`${name}\``).join(', ')}.` }))
  problems.push(...problemsOfClient(client).map((message) => ({ path: 'client', message })))
  if (typeof prefix !== 'string' || !PREFIX.test(prefix)) {
    problems.push({
      path: 'prefix',
      message:
        'must be 1 to 64 characters without braces, wildcards (`*`, `?`, `[`, `]`, `^`, `\\`), blanks and control characters: it becomes part of every key and of the ACL that guards them.',
    })
  }
  if (durability !== false) problems.push(...problemsOfDurability(durability))
  if (problems.length > 0) throw new RedisOptionsError(problems)
  return Object.freeze({
    client,
    prefix,
    durability: durability === false ? undefined : Object.freeze(withDefaults(durability)),
  })
}

function withDefaults({
  replicas,
  timeout = 50,
  ifFewer = 'warn',
}: RedisDurability): NonNullable<ResolvedRedisStoreOptions['durability']> {
  return { replicas, timeout, ifFewer }
}

function problemsOfDurability(durability: RedisDurability): RedisOptionProblem[] {
  const { replicas, timeout, ifFewer } = withDefaults(durability)
  const problems: RedisOptionProblem[] = []
  if (!isWholeFrom1(replicas)) {
    problems.push({ path: 'durability.replicas', message: 'must be a whole number of at least 1, such as 1.' })
  }
  if (!isWholeFrom1(timeout)) {
    problems.push({ path: 'durability.timeout', message: 'must be milliseconds, a whole number of at least 1.' })
  }
  if (ifFewer !== 'warn' && ifFewer !== 'throw') {
    problems.push({ path: 'durability.ifFewer', message: "must be 'warn' or 'throw'." })
  }
  return problems
}

function isWholeFrom1(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1
}
