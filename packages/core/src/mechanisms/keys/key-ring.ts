/**
 * The keys of an engine: one seals, all open. They come from a list, or from a provider that is asked again and again.
 *
 * A key must open on every process before it seals on any. `sealsFrom` says when it seals, on all processes alike. A
 * key without it that a provider lists anew opens at once, and seals two periods later: by then every process has asked
 * the provider again, or does so before it answers another request. There is no timer; an idle process asks nobody.
 *
 * @see docs/adr/0040-when-a-key-seals.md
 */
import type { Clock } from '../../contracts/clock.ts'
import { StoreError } from '../../contracts/errors.ts'
import type { Warn } from '../warner.ts'
import type { Key } from './key.ts'
import { type KeyList, type ListedKey, readKeyList } from './key-list.ts'

/** Answers the keys of now. It is asked at first use, and then every period. */
export type LoadKeys = (terms: { readonly signal: AbortSignal }) => KeyList | Promise<KeyList>

/** Where keys come from, as read from options. */
export type KeySource =
  | { readonly type: 'list'; readonly keys: readonly ListedKey[] }
  | { readonly type: 'provider'; readonly load: LoadKeys; readonly every: number }

export interface KeyRing {
  /**
   * Resolves once the keys are known, and not too old; `undefined` where they are.
   *
   * @throws (rejects) StoreError `ERR_KEYS` if the provider has never given any
   */
  refresh(): Promise<void> | undefined
  /** Asks the provider early, because something was sealed by a key that the ring does not have. */
  learn(generation: string): Promise<void> | undefined
  /** Answers the key that seals now. @throws StoreError `ERR_KEYS` before {@link refresh} has resolved */
  sealing(): Key
  /** Answers the key of a generation, if the ring has it. */
  opening(generation: string): Key | undefined
  /** Answers all keys, in the order of the list. */
  all(): readonly Key[]
}

export interface KeyRingParts {
  readonly clock: Clock
  readonly warn: Warn
  /** @default performance.now */
  readonly monotonic?: () => number
}

/** What is wrong with the answer of a provider. Its message is ours, so it may be shown. */
class UnusableKeys extends Error {
  override readonly name = 'UnusableKeys'
}

interface Standing {
  readonly key: Key
  readonly sealsFrom: number
}

const ALWAYS = Number.NEGATIVE_INFINITY
/** How long a provider may take, in milliseconds. */
const PROVIDER_DEADLINE = 5000
/** The least time between two questions that something unknown, or a failure, has caused. */
const PAUSE = 1000

export function createKeyRing(source: KeySource, parts: KeyRingParts): KeyRing {
  const { clock, warn, monotonic = () => performance.now() } = parts
  let ring = source.type === 'list' ? stand(source.keys, new Map(), ALWAYS) : new Map<string, Standing>()
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  let failure: StoreError | undefined

  async function read({ load, every }: KeySource & { readonly type: 'provider' }): Promise<void> {
    try {
      const { keys, problems } = readKeyList(await inTime(load), 'keys')
      if (problems.length > 0) {
        throw new UnusableKeys(problems.map(({ path, message }) => `\`${path}\`: ${message}`).join(' '))
      }
      // What a process begins with seals in order; it cannot know how long that has been so.
      ring = stand(keys, ring, ring.size === 0 ? ALWAYS : clock.now() + 2 * every)
    } catch (cause) {
      const detail = cause instanceof UnusableKeys ? ` ${cause.message}` : ''
      if (ring.size === 0) {
        failure = new StoreError('ERR_KEYS', `The provider of keys gave none.${detail} ${FIX}`, { cause })
        throw failure
      }
      warn('WARN_KEYS_STALE', `The provider of keys failed, so the keys of before go on.${detail} ${FIX}`)
    }
  }

  /** Asks, or joins who is asking. */
  function ask(): Promise<void> | undefined {
    if (source.type === 'list') return undefined
    if (asking !== undefined) return asking
    askedAt = monotonic()
    asking = read(source).finally(() => {
      asking = undefined
    })
    return asking
  }

  return {
    refresh: () => {
      if (source.type === 'list') return undefined
      const age = monotonic() - askedAt
      if (ring.size === 0) {
        if (failure !== undefined && age < PAUSE) return Promise.reject(failure)
        return ask()
      }
      if (age < source.every) return undefined
      const asked = ask()
      if (age >= 2 * source.every) return asked
      asked?.catch(() => {})
      return undefined
    },
    learn: (generation) => {
      if (ring.has(generation)) return undefined
      return asking ?? (monotonic() - askedAt < PAUSE ? undefined : ask())
    },
    sealing: () => {
      const now = clock.now()
      let next: Standing | undefined
      for (const standing of ring.values()) {
        if (standing.sealsFrom <= now) return standing.key
        if (next === undefined || standing.sealsFrom < next.sealsFrom) next = standing
      }
      // None has begun, and something must seal.
      if (next !== undefined) return next.key
      throw new StoreError('ERR_KEYS', `The provider of keys has not answered yet. ${FIX}`)
    },
    opening: (generation) => ring.get(generation)?.key,
    all: () => [...ring.values()].map(({ key }) => key),
  }
}

const FIX = 'Look at the provider that the option `keys` names.'

/** Answers the ring of a list. A key that stood before keeps its time, unless the list tells another. */
function stand(
  keys: readonly ListedKey[],
  before: ReadonlyMap<string, Standing>,
  fromWhenNew: number,
): Map<string, Standing> {
  return new Map(
    keys.map(({ key, sealsFrom }) => {
      const known = before.get(key.generation)
      return [key.generation, { key: known?.key ?? key, sealsFrom: sealsFrom ?? known?.sealsFrom ?? fromWhenNew }]
    }),
  )
}

async function inTime(load: LoadKeys): Promise<KeyList> {
  const deadline = new AbortController()
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([
      load({ signal: deadline.signal }),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          deadline.abort()
          reject(new UnusableKeys(`It did not answer within ${PROVIDER_DEADLINE} ms.`))
        }, PROVIDER_DEADLINE)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}
