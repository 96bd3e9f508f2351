import { setImmediate } from 'node:timers'
import { isCluster, socketOf, type AnyRedisClient, type ClientSocket, type RedisClient } from './redis-client.ts'

/** How long commands are held while others follow, in milliseconds. */
const SHORT = 2

/** How long none may be held at all, in milliseconds: the process does something else then than asking. */
const LONG = 20

/** For how many times as long commands go one by one after one that was held for too long, and for how long at most. */
const PAUSE = 4
const LONGEST_PAUSE = 1_000

/**
 * Sends the commands of one turn of the event loop together, by one system call, which takes longer than all else that a
 * command costs: the first one corks the socket, and the end of the turn uncorks it. So the server answers them together
 * too. What the program itself asks of its client meanwhile goes along. A lone command leaves in the same turn as ever.
 * In a turn of many requests, each of them sends those that have been held for two milliseconds.
 *
 * In a process whose handlers compute, a command would wait for handlers that have nothing to do with it: there commands
 * mostly go at once. That is worth little, since no answer is looked at before the turn is over anyway, so the pause is
 * short: a machine that takes the processor away now and then must not lose the gain.
 *
 * A Cluster client keeps its connections to itself; there every command is sent by itself.
 */
export class Outbox {
  readonly #client: RedisClient | undefined
  #corked: ClientSocket | undefined
  #corkedAt = 0
  #pausedUntil = 0

  constructor(client: AnyRedisClient) {
    this.#client = isCluster(client) ? undefined : client
  }

  /**
   * Holds what is written from now on until the end of the turn.
   *
   * @param now monotonic time in milliseconds, which the caller knows already
   */
  gather(now: number): void {
    if (this.#client === undefined) return
    const socket = socketOf(this.#client)
    if (socket === undefined) return
    if (socket === this.#corked) {
      if (now - this.#corkedAt <= SHORT) return
      socket.uncork()
      this.#judge(now)
      socket.cork()
      this.#corkedAt = now
    } else if (now >= this.#pausedUntil) {
      this.#corked = socket
      this.#corkedAt = now
      socket.cork()
      // Not the global function: a test of the program may have put a clock of its own in its place.
      setImmediate(this.#endTurn, socket)
    }
  }

  readonly #endTurn = (socket: ClientSocket): void => {
    socket.uncork()
    if (this.#corked !== socket) return
    this.#corked = undefined
    this.#judge(performance.now())
  }

  /** Looks at how long the commands were held that have just been sent. */
  #judge(now: number): void {
    const held = now - this.#corkedAt
    if (held > LONG) this.#pausedUntil = now + Math.min(LONGEST_PAUSE, PAUSE * held)
  }
}
