/** The few members of an ioredis client that the store uses: any ioredis 5 or 6 fits, and no version is imported. */
import type { Buffer } from 'node:buffer'

/** What a command may be given. */
export type Argument = string | number | Buffer

/** What a single client and a Cluster client have in common. */
export interface RedisCommands {
  readonly status: string
  readonly options: object
  connect(): Promise<void>
  getBuffer(key: string): Promise<Buffer | null>
  callBuffer(command: string, ...commandArguments: Argument[]): Promise<unknown>
  spublish(channel: string, message: string): Promise<unknown>
  on(event: string, listener: (...values: unknown[]) => void): unknown
  off(event: string, listener: (...values: unknown[]) => void): unknown
}

/** A client of one server, which Sentinel may name: `new Redis(…)` of ioredis 5 or 6. */
export interface RedisClient extends RedisCommands {
  readonly isCluster: boolean
  /** The socket that it has now, if any. */
  readonly stream?: ClientSocket | null
  duplicate(override?: object): RedisClient
  pipeline(commands?: unknown[][]): { exec(): Promise<[error: Error | null, result: unknown][] | null> }
  subscribe(channel: string): Promise<unknown>
  ssubscribe(channel: string): Promise<unknown>
  disconnect(reconnect?: boolean): void
}

/** A client of a Cluster: `new Cluster(…)` of ioredis 5 or 6. */
export interface RedisCluster extends RedisCommands {
  readonly isCluster: boolean
  /** For each slot the addresses of its master and its replicas. */
  readonly slots: string[][]
  nodes(role?: 'all' | 'master' | 'slave'): RedisClient[]
  refreshSlotsCache(callback?: (error?: Error | null) => void): void
}

export type AnyRedisClient = RedisClient | RedisCluster

export function isCluster(client: AnyRedisClient): client is RedisCluster {
  return client.isCluster
}

/** What is used of the socket under a client. */
export interface ClientSocket {
  cork(): void
  uncork(): void
  destroy(): void
}

/** Answers the socket that a client has now; `undefined` while it has none. */
export function socketOf(client: RedisClient): ClientSocket | undefined {
  const { stream } = client
  return stream?.cork === undefined ? undefined : stream
}

/** Reads one of the client's own options. */
export function optionOf(client: { readonly options: object }, name: string): unknown {
  return Reflect.get(client.options, name) as unknown
}

/** Says whether an error is an answer of the server, and not the lack of one. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

/** Says whether a master has become a replica, so that its connection must be left. */
export function isReadOnly(error: unknown): boolean {
  return isReply(error) && error.message.startsWith('READONLY')
}
