import type { Passage } from './flow.ts'

/** A connection, as whoever picks one sees it. */
export interface ProxiedConnection {
  /** Counts from 1 in the order of arrival. */
  readonly number: number
  /** The first 4 KiB that the client sent: what it called itself, or what it subscribed to. */
  readonly opening: Buffer
}

/** Bytes that come back, and what they answer. */
export interface Exchange {
  readonly connection: ProxiedConnection
  /** All that the client sent since the bytes that came back before, at most the last 64 KiB. */
  readonly request: Buffer
  /** What came back at once: one reply, or several where requests were pipelined. */
  readonly reply: Buffer
}

/** Picks the reply that is struck. */
export type Which = (exchange: Exchange) => boolean

/** A fault that waits for its reply. */
export interface Strike {
  readonly which: Which
  readonly alter: (reply: Buffer) => Passage
  readonly tell: (exchange: Exchange) => void
}

/** Forwards half of a reply and closes the connection. */
export function cutInHalf(reply: Buffer): Passage {
  return { forward: reply.subarray(0, reply.length >> 1), isLast: true }
}

/** Forwards nothing of a reply and closes the connection. */
export function cutBefore(reply: Buffer): Passage {
  return { forward: reply.subarray(0, 0), isLast: true }
}

/** Loses the second half of a reply, so that the next one is read as its rest. */
export function loseSecondHalf(reply: Buffer): Passage {
  return { forward: reply.subarray(0, reply.length >> 1), isLast: false }
}

/** Loses a reply, so that the next one is taken for it. */
export function loseAll(reply: Buffer): Passage {
  return { forward: reply.subarray(0, 0), isLast: false }
}
