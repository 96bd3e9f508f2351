/**
 * Server-side sessions for Node: the engine, the memory store and the gate for Node responses. Bindings re-export all
 * of this.
 */

// The engine
export { createSessions, type Sessions } from './sessions.ts'
export { type CookieSessions, cookieSessions } from './cookie-sessions.ts'
export type { FinishTerms, OpenOptions } from './entrance.ts'
export type { CookieSessionsOptions } from './options/cookie-sessions-options.ts'
export type { IronSessionOptions } from './options/iron-session-options.ts'
export type { ClearSiteDataType, LoadMode, SessionsOptions } from './options/options.ts'
export type { Devices, ListOptions, ListedSession, SessionList } from './devices.ts'
export type { WatchedChange } from './watches.ts'
export type { DeviceOptions, MaxSessions } from './options/device-options.ts'
export type { LimitPolicy } from './mechanisms/seats.ts'
export type { CacheOptions } from './options/cache-options.ts'
export type { KeyCensus, KeyCount } from './key-census.ts'
export type { CompressOptions, SealOptions } from './options/envelope-options.ts'
export type { KeyProvider, KeysOption } from './options/key-options.ts'
export type { KeyEntry, KeyList } from './mechanisms/keys/key-list.ts'
export type { LoadKeys } from './mechanisms/keys/key-ring.ts'
export type { CookieOptions } from './options/cookie-options.ts'
export type { ProfileName } from './options/profiles.ts'
export type { CookieSession, LoginOptions, RegisteredSession, Session, SessionLifetime } from './session.ts'
export type { AuthRequirement, Authentication } from './proof-options.ts'
export type { AssuranceLevel } from './mechanisms/assurance.ts'
export type { EndedReason, Ending } from './mechanisms/live.ts'
export type { SuspendedSession } from './request/suspended-session.ts'
export type { RenewalReason } from './mechanisms/intents.ts'
export type { FieldName, FieldValue, NumberField, Register, SessionData } from './register.ts'
export type { DeepReadonly } from './mechanisms/freeze.ts'
export type { ConflictPolicy, ConflictResolver } from './mechanisms/draft-rules.ts'

// What it is told and tells
export type { Duration, DurationUnit } from './contracts/duration.ts'
export type { Clock } from './contracts/clock.ts'
export type { EventName, HoldfastEvents, RejectReason, UnopenedReason } from './mechanisms/events.ts'
export * from './contracts/errors.ts'
export { WARNINGS, type WarningCode } from './contracts/warnings.ts'

// For authors of stores, transports and bindings
export type * from './contracts/store.ts'
export * from './contracts/record.ts'
export type { Exchange } from './contracts/exchange.ts'
export {
  CANDIDATES_TRIED,
  type ClearTerms,
  type HeaderEffect,
  type SendTerms,
  type Transport,
  type Withheld,
} from './contracts/transport.ts'
export {
  cookieTransport,
  type CookieSettings,
  type TransportSettings,
  type TransportSetup,
} from './mechanisms/cookie-transport.ts'
export { headerTransport, type HeaderTransportOptions } from './mechanisms/header-transport.ts'
export { type SessionStatus, type StatusAnswer, answerStatus, isStatusPassive } from './session-status.ts'
export {
  type Mount,
  type MountOptions,
  type MountableSessions,
  type ShowHandle,
  alreadyMounted,
  handleShower,
  readMount,
  refuseAssignment,
} from './mount.ts'

// What comes with it
export { engineClock, type ClockSource } from './mechanisms/engine-clock.ts'
export { memoryStore, type MemoryStore, type MemoryStoreOptions } from './mechanisms/memory-store/memory-store.ts'
export { mergeHeader } from './node/header-merge.ts'
export { nodeExchange, type NodeExchange, type NodeExchangeOptions } from './node/node-exchange.ts'
export { GatedExchange } from './node/gated-exchange.ts'
export { type GateControl, NodeGate } from './node/node-gate.ts'
export type { NodeRequest, NodeResponse } from './node/node-types.ts'
