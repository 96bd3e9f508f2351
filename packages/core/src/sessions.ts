/** The engine: wires the mechanisms together, and is all that bindings and programs hold. */
import { LRUCache } from 'lru-cache'

import { createCommitter } from './commit/committer.ts'
import { createConfirmer } from './confirmer.ts'
import type { Clock } from './contracts/clock.ts'
import type { Exchange } from './contracts/exchange.ts'
import type { AnyStore } from './contracts/store.ts'
import { type Devices, createDevices, createNamedSessions } from './devices.ts'
import { type FinishTerms, type OpenOptions, createEntrance } from './entrance.ts'
import { isOfAge } from './mechanisms/draft.ts'
import type { DraftRules } from './mechanisms/draft-rules.ts'
import { encloseStore } from './mechanisms/envelope/enclosing-store.ts'
import { createEnvelope } from './mechanisms/envelope/envelope.ts'
import { engineClock } from './mechanisms/engine-clock.ts'
import { tell } from './mechanisms/events.ts'
import { type Generations, createGenerations } from './mechanisms/generations.ts'
import { createKeyRing } from './mechanisms/keys/key-ring.ts'
import { guardStore } from './mechanisms/guard.ts'
import { createLoader } from './mechanisms/loader.ts'
import { memoryStore } from './mechanisms/memory-store/memory-store.ts'
import { createOpen } from './mechanisms/open-record.ts'
import { isChangeFeed, isCountable, isGenerational } from './mechanisms/powers.ts'
import { NO_CACHE, type RecordCache, createRecordCache } from './mechanisms/record-cache.ts'
import { createReuseAlarm } from './mechanisms/reuse-alarm.ts'
import { withSuspension } from './mechanisms/suspension.ts'
import { createMint } from './mechanisms/token.ts'
import { createToucher } from './mechanisms/toucher.ts'
import { createUnderWay } from './mechanisms/under-way.ts'
import { createValueCodec } from './mechanisms/value-codec.ts'
import type { OpenAnswer } from './mechanisms/verdicts.ts'
import { type Warn, createWarner } from './mechanisms/warner.ts'
import { DEFAULT_CACHE } from './options/cache-options.ts'
import { checkLifetime, limitOfLevel } from './options/lifetime-options.ts'
import { type SessionsOptions, type Settings, resolveOptions } from './options/options.ts'
import { warnAtStart } from './options/start-warnings.ts'
import type { SessionData } from './register.ts'
import type { EngineParts } from './request/engine-parts.ts'
import { type KeyCensus, createKeyCensus } from './key-census.ts'
import { createSessionLimits } from './session-limits.ts'
import { type Session, createHandle } from './session.ts'
import { createSubjectSessions } from './subject-sessions.ts'
import { type Watches, createWatches } from './watches.ts'

/** How many evicted sessions are remembered, so that their users can be told. An evicted session leaves nothing behind. */
const EVICTIONS_REMEMBERED = 10_000

/** An engine. Make one per program with {@link createSessions}. */
export interface Sessions<Data extends object = SessionData> extends Devices<Data>, KeyCensus {
  /** The store's own name, such as `'memory'`. */
  readonly storeName: string

  /**
   * Answers the session of an exchange: at once where the store need not be asked (there is no token, a copy can be
   * shown, or `load` is `'lazy'`), otherwise a promise. A failed load is no rejection: the handle throws it at first use. For an exchange
   * whose carrier has a session already, the same handle, with the options added.
   *
   * @throws UsageError `ERR_CLOSED`
   */
  open(exchange: Exchange, options?: OpenOptions): Session<Data> | Promise<Session<Data>>

  /**
   * Does what is due before the response starts: what `session.commit()` does, with the rules for the end of a request.
   * Answers `undefined` where the response need not wait. Later changes throw `ERR_RESPONSE_STARTED`.
   */
  finish(session: Session<Data>, terms: FinishTerms): Promise<void> | undefined

  /**
   * Tells that a response left without {@link finish}, since its handler took it over. If changes were recorded that
   * nobody has committed, the warning `WARN_NOT_COMMITTED` says so. Later changes throw `ERR_RESPONSE_STARTED`.
   */
  abandon(session: Session<Data>): void

  /**
   * Answers the handle of a request: of a `node:http`, Express or Fastify request or a Koa context.
   *
   * @throws UsageError `ERR_NOT_MOUNTED`
   */
  of(carrier: object): Session<Data>

  /**
   * Checks at boot that the store answers.
   *
   * @throws StoreError
   */
  ready(): Promise<void>

  /** Waits for commits and touches under way, and lets go of what the store opened. Opens nothing afterwards. */
  close(): Promise<void>
}

/**
 * Makes an engine.
 *
 * Without a store it keeps records in memory and warns, outside production; in production the store must be chosen.
 *
 * @throws OptionsError `ERR_OPTIONS` with every problem of the options
 * @example
 * ```ts
 * import { createSessions, memoryStore } from '@holdfast/core'
 *
 * const sessions = createSessions<{ cart: string[] }>({ store: memoryStore(), idleTimeout: '30m' })
 * ```
 */
export function createSessions<Data extends object = SessionData>(options: SessionsOptions = {}): Sessions<Data> {
  const settings = resolveOptions(options, process.env['NODE_ENV'])
  const warn = createWarner()
  const store: AnyStore = settings.store ?? memoryStore(settings.clock === undefined ? {} : { clock: settings.clock })
  return wire(settings, store, warn)
}

function wire<Data extends object>(settings: Settings, store: AnyStore, warn: Warn): Sessions<Data> {
  // Inside of what encloses bodies, whose seal covers the deadlines as they are.
  const bare = withSuspension(guardStore(store, settings))
  const clock: Clock = settings.clock ?? store.clock ?? engineClock()
  const { seal, compressAbove } = settings
  const ring = seal && createKeyRing(seal.source, { clock, warn })
  const envelope = createEnvelope({
    compressAbove,
    seal: seal &&
      ring && { ...seal, ring, prefix: seal.prefix ?? (typeof store.prefix === 'string' ? store.prefix : '') },
  })
  const isEnclosed = seal !== undefined || compressAbove !== undefined
  const guarded = isEnclosed ? encloseStore(bare, envelope, ring) : bare
  const open = createOpen(envelope)
  const mint = createMint()
  const rules: DraftRules = { ...settings, codec: createValueCodec() }
  const generations = createGenerations({ store: guarded, clock, isGenerational: isGenerational(store) })
  const watches = createWatches({
    store: guarded,
    open,
    clock,
    generations,
    warn,
    isFeedHealthy: () => isChangeFeed(store) && store.isFeedHealthy(),
  })
  const cache = hearFeed(settings, store, { clock, warn, generations, watches })
  const subjects = createSubjectSessions({ store: guarded, open, cache: cache.copies, clock, mint, generations })
  const { sessionLimit } = settings
  const limits = sessionLimit && createSessionLimits({ ...settings, sessionLimit, store: bare, subjects, clock, mint })
  const writing = { store: guarded, open, cache: cache.copies, rules, clock, mint, generations, limits }
  const committer = createCommitter({ ...settings, ...writing })
  const toucher = createToucher({ store: guarded, cache: cache.copies, warn })
  const commits = createUnderWay()
  const named = createNamedSessions()
  const parts: EngineParts = {
    ...settings,
    rules,
    clock,
    mint,
    committer,
    commits,
    toucher,
    named,
    warn,
    isTokenDue: (live, now) => isOfAge(live, now, settings.renewEvery),
    needsResponse: (draft) => draft.needsToken,
    refuse: undefined,
    loader: createLoader({
      ...settings,
      store: guarded,
      open,
      cache: cache.copies,
      clock,
      generations,
      warn,
      reuse: createReuseAlarm({ ...settings, store: guarded, clock, mint }),
      confirm: createConfirmer({ ...settings, store: guarded, committer, commits, clock }),
      evictedAt: cache.evictedAt,
    }),
    checkLifetime: (change, { beganAt, level }) =>
      checkLifetime(change, limitOfLevel(settings.limit, level), clock.now() - beganAt),
  }
  const transports = settings.transports.map((setup) => setup(settings))
  warnAtStart(settings, { transports, isStoreMissing: settings.store === undefined }, warn)
  const entrance = createEntrance<Session<Data>>(parts, { transports, load: settings.load }, createHandle<Data>)
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await parts.commits.drain()
    await toucher.drain()
    watches.stop()
    cache.stop()
    await store.close?.()
  }

  return {
    storeName: store.name,
    open: entrance.open,
    finish: entrance.finish,
    abandon: entrance.abandon,
    of: entrance.of,
    ...createDevices<Data>({ store, subjects, generations, watches, clock, named }),
    ...createKeyCensus({ store: bare, ring, isCountable: isCountable(store) }),
    ready: () => guarded.ping(),
    close: () => {
      entrance.shut()
      closing ??= close()
      return closing
    },
  }
}

/** What an engine learns from the feed of its store. */
interface Hearing {
  readonly copies: RecordCache<OpenAnswer>
  /** Tells when a record was evicted. */
  evictedAt(key: string): number | undefined
  stop(): void
}

interface Listeners {
  readonly clock: Clock
  readonly warn: Warn
  readonly generations: Generations
  readonly watches: Watches
}

/** Listens to the store's feed, for as long as the engine is open, and keeps copies where that makes it possible. */
function hearFeed(settings: Settings, store: AnyStore, { clock, warn, generations, watches }: Listeners): Hearing {
  if (!isChangeFeed(store)) return { copies: NO_CACHE, evictedAt: () => undefined, stop: () => {} }
  const limits = settings.cache ?? (store.feeds === 'all' ? DEFAULT_CACHE : false)
  const cache = limits === false ? undefined : createRecordCache<OpenAnswer>(store, limits)
  const evictions = new LRUCache<string, number>({ max: EVICTIONS_REMEMBERED })
  const stop = store.subscribe((change) => {
    cache?.hear(change)
    watches.hear(change)
    if (change.type === 'state') generations.doubt()
    if (change.type !== 'ended' || change.reason !== 'evicted') return
    evictions.set(change.key, clock.now())
    tell('holdfast:ended', { id: change.id, reason: change.reason })
    warn(
      'WARN_EVICTED',
      `The store \`${store.name}\` is full and ends live sessions to make room, the least recently used anonymous ones ` +
        'first. Raise `maxRecords` and `maxBytes`, or use a shared store.',
    )
  })
  return { copies: cache ?? NO_CACHE, evictedAt: (key) => evictions.get(key), stop }
}
