import type { Buffer } from 'node:buffer'

import { isForgotten, type Script } from '../scripts/script.ts'
import type { Deployment } from './deployment.ts'
import { Outbox } from './outbox.ts'
import { isCluster, isReadOnly, isReply, type AnyRedisClient, type Argument, type RedisClient } from './redis-client.ts'
import type { Reconnection } from './reconnection.ts'
import { StallWatch } from './stall-watch.ts'
import { withoutArguments } from './without-arguments.ts'

/** One call of a script. The first key says where it runs. */
export interface ScriptCall {
  readonly keys: readonly [string, ...string[]]
  readonly values: readonly Argument[]
}

/** Whatever runs scripts. */
export interface ScriptRunner {
  run(script: Script, call: ScriptCall): Promise<unknown>
}

/** Sends commands, brings scripts back that a server has forgotten, and leaves a server that no longer answers. */
export class Link implements ScriptRunner {
  readonly #client: AnyRedisClient
  readonly #deployment: Deployment
  readonly #reconnection: Reconnection
  readonly #outbox: Outbox
  readonly #watches = new Map<string, StallWatch>()

  constructor(client: AnyRedisClient, deployment: Deployment, reconnection: Reconnection) {
    this.#client = client
    this.#deployment = deployment
    this.#reconnection = reconnection
    this.#outbox = new Outbox(client)
  }

  get(key: string): Promise<Buffer | null> {
    return this.#watched(key, () => this.#client.getBuffer(key))
  }

  /** Sends a command about a key; the reply's texts are buffers. */
  call(command: string, key: string, ...values: Argument[]): Promise<unknown> {
    return this.#watched(key, () => this.#client.callBuffer(command, key, ...values))
  }

  /** Publishes to the channel of a Cluster. On one server scripts do. */
  publish(channel: string, message: string): Promise<unknown> {
    return this.#watched(channel, () => this.#client.spublish(channel, message))
  }

  /** Runs a script. */
  run({ sha, source }: Script, { keys, values }: ScriptCall): Promise<unknown> {
    const client = this.#client
    const [first] = keys
    return this.#watched(
      first,
      () => client.callBuffer('evalsha', sha, keys.length, ...keys, ...values),
      (error) => {
        if (!isForgotten(error)) throw error
        return this.#watched(first, () => client.callBuffer('eval', source, keys.length, ...keys, ...values))
      },
    )
  }

  /**
   * Runs a script many times, in one pipeline where all keys lie on one server.
   *
   * @throws the first error, after every reply has been looked at.
   */
  async runEach(script: Script, calls: readonly ScriptCall[]): Promise<unknown[]> {
    if (isCluster(this.#client)) return Promise.all(calls.map((call) => this.run(script, call)))
    const [first] = calls
    if (first === undefined) return []
    const { keys } = first
    const client = this.#client
    const replies = await this.#watched(keys[0], () => pipelined(client, script, calls))
    return Promise.all(
      replies.map(([error, reply], index) => {
        if (error === null) return reply
        const call = calls[index]
        if (isForgotten(error) && call !== undefined) return this.run(script, call)
        throw withoutArguments(error)
      }),
    )
  }

  /** Gets many values, in one pipeline where all keys lie on one server. */
  async getEach(keys: readonly string[]): Promise<(Buffer | null)[]> {
    if (isCluster(this.#client)) return Promise.all(keys.map((key) => this.get(key)))
    const [first] = keys
    if (first === undefined) return []
    const client = this.#client
    const commands = keys.map((key) => ['getBuffer', key])
    const replies = await this.#watched(first, () => executed(client, commands))
    return replies.map(([error, reply]) => {
      if (error !== null) throw withoutArguments(error)
      return reply as Buffer | null
    })
  }

  /** Sends something at once, or when a connection that has just been lost is there again. */
  #watched<Reply>(key: string, send: () => Promise<Reply>, recover?: Recovery<Reply>): Promise<Reply> {
    const pause = this.#reconnection.pause()
    return pause === undefined ? this.#sent(key, send, recover) : pause.then(() => this.#sent(key, send, recover))
  }

  #sent<Reply>(key: string, send: () => Promise<Reply>, recover: Recovery<Reply> = giveUp): Promise<Reply> {
    const now = performance.now()
    const watch = this.#watchOf(key)
    watch.asked(now)
    this.#outbox.gather(now)
    return send().then(watch.pass, (error: unknown) => {
      if (isReply(error)) watch.answered()
      if (isReadOnly(error)) watch.leave()
      return recover(withoutArguments(error))
    })
  }

  #watchOf(key: string): StallWatch {
    const node = this.#deployment.nodeOf(key) ?? ''
    let watch = this.#watches.get(node)
    if (watch === undefined) {
      watch = new StallWatch(() => this.#deployment.destroy(node))
      this.#watches.set(node, watch)
    }
    return watch
  }
}

/** What is done about a failure: something else is asked, or it is thrown. */
type Recovery<Reply> = (error: unknown) => Promise<Reply>

function giveUp(error: unknown): never {
  throw error
}

function pipelined(client: RedisClient, { sha }: Script, calls: readonly ScriptCall[]): Promise<Replies> {
  return executed(
    client,
    calls.map(({ keys, values }) => ['evalshaBuffer', sha, keys.length, ...keys, ...values]),
  )
}

type Replies = [error: Error | null, result: unknown][]

async function executed(client: RedisClient, commands: unknown[][]): Promise<Replies> {
  return (await client.pipeline(commands).exec()) ?? []
}
