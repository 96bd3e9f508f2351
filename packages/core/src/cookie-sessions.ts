/** The engine without a store: each session lies, sealed, in the cookies of its client. */
import { createCookieCommitter } from './cookie-sessions/cookie-committer.ts'
import { createCookieLoader } from './cookie-sessions/cookie-loader.ts'
import { refuseAll, refuseWithoutStore } from './cookie-sessions/refusals.ts'
import type { Exchange } from './contracts/exchange.ts'
import { type FinishTerms, type OpenOptions, createEntrance } from './entrance.ts'
import { createChunkTransport } from './mechanisms/cookie-sessions/cookie-chunks.ts'
import { createCookieSeals } from './mechanisms/cookie-sessions/cookie-seals.ts'
import { createForeignCookies, isForeign } from './mechanisms/cookie-sessions/foreign-cookies.ts'
import { openIronSession } from './mechanisms/cookie-sessions/iron-session.ts'
import type { DraftRules } from './mechanisms/draft-rules.ts'
import { engineClock } from './mechanisms/engine-clock.ts'
import { createKeyRing } from './mechanisms/keys/key-ring.ts'
import { isTouchDue } from './mechanisms/lifetime.ts'
import type { Live } from './mechanisms/live.ts'
import { createMint } from './mechanisms/token.ts'
import { createUnderWay } from './mechanisms/under-way.ts'
import { createValueCodec } from './mechanisms/value-codec.ts'
import { createWarner } from './mechanisms/warner.ts'
import { type CookieSessionsOptions, resolveCookieSessions } from './options/cookie-sessions-options.ts'
import { checkLifetime, limitOfLevel } from './options/lifetime-options.ts'
import { warnAtStart } from './options/start-warnings.ts'
import type { SessionData } from './register.ts'
import type { EngineParts } from './request/engine-parts.ts'
import { type CookieSession, createHandle } from './session.ts'

/** An engine whose sessions lie in cookies. Make one per program with {@link cookieSessions}. */
export interface CookieSessions<Data extends object = SessionData> {
  /** Answers the session of an exchange, as {@link Sessions.open} does. @throws UsageError `ERR_CLOSED` */
  open(exchange: Exchange, options?: OpenOptions): CookieSession<Data> | Promise<CookieSession<Data>>

  /** Does what is due before the response starts, as {@link Sessions.finish} does. */
  finish(session: CookieSession<Data>, terms: FinishTerms): Promise<void> | undefined

  /** Tells that a response left without {@link finish}, since its handler took it over. */
  abandon(session: CookieSession<Data>): void

  /** Answers the handle of a request, as {@link Sessions.of} does. @throws UsageError `ERR_NOT_MOUNTED` */
  of(carrier: object): CookieSession<Data>

  /** Checks at boot that there are keys. @throws (rejects) StoreError `ERR_KEYS` */
  ready(): Promise<void>

  /** Waits for commits under way. Opens nothing afterwards. */
  close(): Promise<void>
}

/**
 * Makes an engine without a store: each session lies in the cookies of its client, encrypted and authenticated.
 *
 * A logout is not final here, and writes can get lost: whoever has kept a copy of a cookie can use it until its idle
 * timeout, and of two overlapping requests the answer that comes last is what the session holds. So there is nothing
 * to list, end or count sessions by, and no `increment`, `take` and `renew`.
 *
 * @throws OptionsError `ERR_OPTIONS` with every problem of the options
 * @example
 * ```ts
 * import { cookieSessions } from '@holdfast/core'
 *
 * const sessions = cookieSessions<{ cart: string[] }>({ keys: [process.env['SESSION_KEY']!], idleTimeout: '30m' })
 * ```
 * @see docs/adr/0045-the-seal-is-the-token.md
 */
export function cookieSessions<Data extends object = SessionData>(
  options: CookieSessionsOptions,
): CookieSessions<Data> {
  const settings = resolveCookieSessions(options, process.env['NODE_ENV'])
  const { ironSession, policy, cookie } = settings
  const warn = createWarner()
  const clock = settings.clock ?? engineClock()
  const mint = createMint()
  const ring = createKeyRing(settings.keys, { clock, warn })
  const seals = createCookieSeals(ring, cookie.name)
  const rules: DraftRules = { ...settings, codec: createValueCodec(), onConflict: 'last', sizedBy: 'maxCookies' }
  const { codec } = rules
  const commits = createUnderWay()
  const isTokenDue = (live: Live, now: number): boolean =>
    isForeign(live.token) || isTouchDue(live.record, live.idleUntil, now)
  const committer = createCookieCommitter({ ...settings, seals, rules, clock, isTokenDue })
  const parts: EngineParts = {
    ...settings,
    rules,
    clock,
    mint,
    committer,
    commits,
    warn,
    loader: createCookieLoader({
      seals,
      clock,
      warn,
      openForeign:
        ironSession && ((seal, now) => openIronSession(seal, { settings: ironSession, policy, codec, mint }, now)),
    }),
    // The seal itself holds the idle deadline. It moves by a commit, whose answer carries it.
    toucher: { use: () => {}, keep: committer.keep, drain: async () => {} },
    named: { note: () => {} },
    traits: { describeAgent: undefined, isAddressKept: false },
    renewEvery: Number.POSITIVE_INFINITY,
    isTokenDue,
    needsResponse: (draft) => draft.hasRecordToWrite() || draft.isSignedOut,
    refuse: refuseWithoutStore,
    checkLifetime: (change, { beganAt, level }) =>
      checkLifetime(change, limitOfLevel(settings.limit, level), clock.now() - beganAt),
  }
  const transport = createChunkTransport({ ...settings, foreign: ironSession && createForeignCookies(ironSession) })
  warnAtStart(settings, { transports: [transport], isStoreMissing: false }, warn)
  const { shut, ...entrance } = createEntrance<CookieSession<Data>>(
    parts,
    { transports: [transport], load: settings.load },
    createHandle<Data>,
  )
  return refuseAll({
    ...entrance,
    ready: async () => ring.refresh(),
    close: async () => {
      shut()
      await commits.drain()
    },
  })
}
