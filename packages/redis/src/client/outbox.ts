import { setImmediate } from 'node:timers'
import { isCluster, socketOf, type AnyRedisClient, type ClientSocket } from './redis-client.ts'

/** How long a turn may take, and for how long commands go one by one after one that took longer, in milliseconds. */
const LONG_TURN = 10
const PAUSE = 1_000

/**
 * Sends the commands of one turn of the event loop together, by one system call, which takes longer than all else that a
 * command costs: the first one corks the socket, and the end of the turn uncorks it. So the server answers them together
 * too. What the program itself asks of its client meanwhile goes along. A lone command leaves in the same turn as ever.
 *
 * In a process whose turns are long, since its handlers compute, a command would wait for handlers that have nothing to do
 * with it: there commands go at once.
 *
 * A Cluster client keeps its connections to itself; there every command is sent by itself.
 */
export class Outbox {
  readonly #client: AnyRedisClient
  #corked: ClientSocket | undefined
  #pausedUntil = 0

  constructor(client: AnyRedisClient) {
    this.#client = client
  }

  /** Holds what is written from now on until the end of the turn. */
  gather(): void {
    const socket = isCluster(this.#client) ? undefined : socketOf(this.#client)
    if (socket === undefined || socket === this.#corked) return
    const now = performance.now()
    if (now < this.#pausedUntil) return
    this.#corked = socket
    socket.cork()
    // Not the global function: a test of the program may have put a clock of its own in its place.
    setImmediate(() => {
      socket.uncork()
      if (this.#corked === socket) this.#corked = undefined
      const endedAt = performance.now()
      if (endedAt - now > LONG_TURN) this.#pausedUntil = endedAt + PAUSE
    })
  }
}
