import { setImmediate } from 'node:timers'
import { isCluster, type AnyRedisClient } from './redis-client.ts'

/** What is used of a socket. */
interface Corkable {
  cork(): void
  uncork(): void
}

/**
 * Sends the commands of one turn of the event loop together, by one system call, which takes longer than all else that a
 * command costs: the first one corks the socket, and the end of the turn uncorks it. So the server answers them together
 * too. What the program itself asks of its client meanwhile goes along. A lone command leaves in the same turn as ever.
 *
 * A Cluster client keeps its connections to itself; there every command is sent by itself.
 */
export class Outbox {
  readonly #client: AnyRedisClient
  #corked: Corkable | undefined

  constructor(client: AnyRedisClient) {
    this.#client = client
  }

  /** Holds what is written from now on until the end of the turn. */
  gather(): void {
    const socket = socketOf(this.#client)
    if (socket === undefined || socket === this.#corked) return
    this.#corked = socket
    socket.cork()
    // Not the global function: a test of the program may have put a clock of its own in its place.
    setImmediate(() => {
      if (this.#corked === socket) this.#corked = undefined
      socket.uncork()
    })
  }
}

function socketOf(client: AnyRedisClient): Corkable | undefined {
  if (isCluster(client)) return undefined
  const stream: unknown = Reflect.get(client, 'stream')
  return typeof stream === 'object' && stream !== null && 'cork' in stream ? (stream as Corkable) : undefined
}
