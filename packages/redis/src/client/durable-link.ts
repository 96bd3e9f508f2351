import type { ResolvedRedisStoreOptions } from '../redis-store-options.ts'
import { RedisStoreError } from '../redis-store-error.ts'
import { isForgotten, type Script } from '../scripts/script.ts'
import type { Warn } from '../warnings.ts'
import type { Deployment } from './deployment.ts'
import type { Link, ScriptCall, ScriptRunner } from './link.ts'
import { closeOwn, openOwn } from './own-connection.ts'
import { isReadOnly, isReply, type Argument, type RedisClient } from './redis-client.ts'
import { StallWatch } from './stall-watch.ts'
import { withoutArguments } from './without-arguments.ts'

/** How long a new connection is given before its first answer, in milliseconds: Sentinels are asked first. */
const PATIENCE = 2_000

interface Lane {
  readonly client: RedisClient
  readonly watch: StallWatch
}

/**
 * Runs scripts and waits until replicas have confirmed what they wrote. `WAIT` holds up all that follows on its
 * connection, so each server has a connection for this alone.
 */
export class DurableLink implements ScriptRunner {
  readonly #link: Link
  readonly #deployment: Deployment
  readonly #durability: NonNullable<ResolvedRedisStoreOptions['durability']>
  readonly #warn: Warn
  readonly #lanes = new Map<string, Lane>()

  constructor(
    link: Link,
    deployment: Deployment,
    durability: NonNullable<ResolvedRedisStoreOptions['durability']>,
    warn: Warn,
  ) {
    this.#link = link
    this.#deployment = deployment
    this.#durability = durability
    this.#warn = warn
  }

  async run(script: Script, call: ScriptCall): Promise<unknown> {
    const lane = this.#laneTo(call.keys[0])
    try {
      return await this.#send(lane, call, 'evalsha', script.sha)
    } catch (error) {
      if (isForgotten(error)) return this.#send(lane, call, 'eval', script.source)
      // A slot that has just moved: the user's client knows better where to, and learns it by the way.
      if (isReply(error) && /^(MOVED|ASK|CLUSTERDOWN) /.test(error.message)) return this.#link.run(script, call)
      throw error
    }
  }

  close(): void {
    for (const { client } of this.#lanes.values()) closeOwn(client)
    this.#lanes.clear()
  }

  async #send(
    { client, watch }: Lane,
    { keys, values }: ScriptCall,
    command: string,
    script: string,
  ): Promise<unknown> {
    const { replicas, timeout } = this.#durability
    const settled = <Reply>(sent: Promise<Reply>): Promise<Reply> =>
      sent.then(
        (reply) => {
          watch.answered()
          return reply
        },
        (error: unknown) => {
          if (isReply(error)) watch.answered()
          if (isReadOnly(error)) watch.leave()
          throw withoutArguments(error)
        },
      )
    watch.asked(performance.now())
    const commandArguments: Argument[] = [script, keys.length, ...keys, ...values]
    const [reply, confirmed] = await Promise.allSettled([
      settled(client.callBuffer(command, ...commandArguments)),
      settled(client.callBuffer('wait', replicas, timeout)),
    ])
    if (reply.status === 'rejected') throw reply.reason
    if (confirmed.status === 'rejected') throw confirmed.reason
    if (Number(confirmed.value) < replicas) this.#miss(Number(confirmed.value))
    return reply.value
  }

  #miss(confirmed: number): void {
    const { replicas, timeout, ifFewer } = this.#durability
    const message = `${confirmed} of ${replicas} replicas confirmed within ${timeout} ms. Look at the replication, or raise \`durability.timeout\`.`
    if (ifFewer === 'throw') throw new RedisStoreError('ERR_REDIS_REPLICAS', message)
    this.#warn('WARN_REDIS_REPLICAS', message)
  }

  #laneTo(key: string): Lane {
    const name = this.#deployment.nodeOf(key) ?? ''
    const standing = this.#lanes.get(name)
    if (standing !== undefined) return standing
    const client = openOwn(this.#deployment, key, () => this.#drop(name, client))
    if (client === undefined) {
      throw new RedisStoreError('ERR_REDIS_REPLICAS', 'The Cluster client does not know yet which server has the key.')
    }
    const lane = { client, watch: new StallWatch(() => this.#drop(name, client), PATIENCE) }
    this.#lanes.set(name, lane)
    return lane
  }

  #drop(name: string, client: RedisClient | undefined): void {
    if (client === undefined || this.#lanes.get(name)?.client !== client) return
    this.#lanes.delete(name)
    closeOwn(client)
  }
}
