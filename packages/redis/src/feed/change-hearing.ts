import type { FeedState, FeedStateChange, StoreChange } from '@holdfast/core'
import type { Deployment } from '../client/deployment.ts'
import { FeedConnection } from './feed-connection.ts'
import { Marks } from './marks.ts'
import { type Beat, decodeMessage } from './news.ts'
import type { Publisher } from './publisher.ts'
import { Sequences } from './sequences.ts'

/** How often a heartbeat is sent, in milliseconds. */
const BEAT = 1_000

/** How old the latest heartbeat that came back may be, in milliseconds. */
const LATE = 1.5 * BEAT

/** After so long the feed counts as lost; after twice as long its connection is made anew. */
const LOST = 2 * BEAT

type Listener = (change: StoreChange | FeedStateChange) => void

/** What the store itself wants to know of what is heard. */
export interface HearingEar {
  onChange(change: StoreChange): void
  /** The server has lost its data, or answers with other data than before. */
  onWipe(): void
}

/**
 * Hears what all processes change, and knows how far that can be trusted.
 *
 * Each second it publishes a heartbeat. One that comes back proves that every message before it has come as well. So
 * the age of the latest such heartbeat bounds how much may be missing, whatever has happened to the connection.
 *
 * Nobody publishes that the server was emptied. But each heartbeat tells the mark of the data, which is another one then.
 */
export class ChangeHearing {
  readonly #deployment: Deployment
  readonly #channel: string
  readonly #publisher: Publisher
  readonly #ear: HearingEar
  readonly #subscriptions = new Set<{ readonly listener: Listener }>()
  readonly #sequences = new Sequences()
  readonly #marks = new Marks()
  readonly #sentAt = new Map<number, number>()
  #connection: FeedConnection | undefined
  #timer: NodeJS.Timeout | undefined
  #state: FeedState = 'detached'
  #beats = 0
  /** The first beat that proves anything: those sent before the latest doubt do not. */
  #provingFrom = 0
  /** When the latest beat was sent that came back. */
  #heardAt = Number.NEGATIVE_INFINITY

  constructor(deployment: Deployment, channel: string, publisher: Publisher, ear: HearingEar) {
    this.#deployment = deployment
    this.#channel = channel
    this.#publisher = publisher
    this.#ear = ear
  }

  get isHealthy(): boolean {
    return this.#state === 'coherent' && performance.now() - this.#heardAt <= LATE
  }

  subscribe(listener: Listener): () => void {
    const subscription = { listener }
    this.#subscriptions.add(subscription)
    if (this.#connection === undefined) this.#open()
    return () => {
      this.#subscriptions.delete(subscription)
      if (this.#subscriptions.size === 0) this.close()
    }
  }

  close(): void {
    clearInterval(this.#timer)
    const connection = this.#connection
    this.#connection = undefined
    connection?.close()
    this.#enter('detached')
  }

  #open(): void {
    this.#heardAt = performance.now()
    this.#connection = new FeedConnection(this.#deployment, this.#channel, {
      onOpen: () => {
        this.#sequences.forget()
        this.#doubt()
      },
      onMessage: (text) => this.#hear(text),
      onClosed: () => this.#enter('detached'),
    })
    this.#timer = setInterval(() => this.#check(), BEAT / 4).unref()
  }

  /** Looks at the age of the latest heartbeat, and sends another when it is time. */
  #check(): void {
    const now = performance.now()
    const age = now - this.#heardAt
    if (age > LOST) {
      this.#enter('detached')
      if (age > 2 * LOST) {
        this.#heardAt = now
        this.#connection?.renew()
      }
    } else if (age > LATE && this.#state === 'coherent') this.#doubt()
    if (now - this.#sentLast >= (this.#beats < this.#provingFrom ? BEAT / 4 : BEAT)) this.#beat()
  }

  #beat(): void {
    this.#beats += 1
    this.#sentAt.set(this.#beats, performance.now())
    this.#sentAt.delete(this.#beats - 8)
    this.#publisher.beat(this.#beats).catch(() => {})
  }

  #hear(text: string): void {
    const message = decodeMessage(text)
    if (message === undefined) return
    const { publisher, number, news } = message
    if (this.#sequences.note(publisher, number, news.type === 'beat')) this.#doubt()
    if (news.type === 'beat') {
      this.#hearBeat(publisher, news)
    } else if (news.type !== 'nothing') {
      this.#ear.onChange(news)
      this.#tell(news)
    }
  }

  #hearBeat(publisher: string, { count, mark }: Beat): void {
    if (mark !== undefined && this.#marks.note(publisher, mark)) {
      this.#doubt()
      this.#ear.onWipe()
    }
    if (publisher === this.#publisher.id) this.#hearOwnBeat(count)
  }

  #hearOwnBeat(count: number): void {
    const sentAt = this.#sentAt.get(count)
    if (sentAt === undefined) return
    const wasLate = performance.now() - this.#heardAt > LATE
    this.#heardAt = Math.max(this.#heardAt, sentAt)
    if (this.#state === 'coherent' && wasLate) this.#enter('suspect')
    if (count >= this.#provingFrom && performance.now() - this.#heardAt <= LATE) this.#enter('coherent')
  }

  /** Enters the state of doubt, which a heartbeat that is sent from now on will end. */
  #doubt(): void {
    this.#enter('suspect')
    this.#provingFrom = this.#beats + 1
    if (performance.now() - this.#sentLast >= BEAT / 4) this.#beat()
  }

  get #sentLast(): number {
    return this.#sentAt.get(this.#beats) ?? Number.NEGATIVE_INFINITY
  }

  #enter(state: FeedState): void {
    if (this.#state === state) return
    this.#state = state
    this.#tell({ type: 'state', state })
  }

  #tell(change: StoreChange | FeedStateChange): void {
    for (const { listener } of this.#subscriptions) {
      try {
        listener(change)
      } catch (error) {
        // A faulty listener must be heard of, but must not keep the others from hearing.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
