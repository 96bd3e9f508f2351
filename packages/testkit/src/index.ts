export { Browser, type Connections, connections, type Page, type PageRequest } from './browser.ts'
export { type Certificate, certificate } from './certificate.ts'
export {
  type BrowserContext,
  type BrowserPage,
  type Chromium,
  type ChromiumOptions,
  startChromium,
} from './chromium.ts'
export {
  type Acknowledgement,
  type Fault,
  type FaultPlan,
  type FaultyCall,
  type FaultyStore,
  faultyStore,
  strikeOnce,
  type Verb,
} from './faulty-store.ts'
export { type LoopDelay, measureLoopDelay } from './loop-delay.ts'
export { type ManualClock, manualClock } from './manual-clock.ts'
export { type Latch, latch, Meetings } from './meetings.ts'
export { type FaultProxy, faultProxy, type Scope } from './proxy/fault-proxy.ts'
export type { Exchange, ProxiedConnection, Which } from './proxy/strike.ts'
export { RawClient, type RawResponse } from './raw-client.ts'
export { rounds } from './rounds.ts'
export type { ClusterNode } from './servers/cluster-nodes.ts'
export { freePort } from './servers/free-port.ts'
export { type Pgbouncer, type PgbouncerOptions, startPgbouncer } from './servers/pgbouncer.ts'
export { type PostgresOptions, type PostgresServer, startPostgres } from './servers/postgres-server.ts'
export { type Placed, type RedisCluster, type RedisClusterOptions, startRedisCluster } from './servers/redis-cluster.ts'
export { monitorRedis, type RedisMonitor, type SeenCommand } from './servers/redis-monitor.ts'
export { type RedisSentinel, type RedisSentinelOptions, startRedisSentinel } from './servers/redis-sentinel.ts'
export { type RedisOptions, type RedisRestart, type RedisServer, startRedis } from './servers/redis-server.ts'
export { postgresUrl, redisUrl } from './servers/shared-servers.ts'
export { type Dice, diceOf } from './subject-life/dice.ts'
export { type IndexedStore, type LifeReport, liveLong } from './subject-life/subject-life.ts'
