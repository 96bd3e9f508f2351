import { randomBytes } from 'node:crypto'
import type { StoreChange } from '@holdfast/core'
import type { Link } from '../client/link.ts'
import { SCRIPTS } from '../scripts/scripts.ts'
import { encodeNews } from './news.ts'

/**
 * Numbers the messages that one connection of this process sends, so that a listener who misses one sees a gap.
 *
 * On one server the message is published by the script that makes the change. In a Cluster the channel lies elsewhere,
 * so the message follows once the change has been answered; nobody waits for it.
 */
export class Publisher {
  readonly id: string = randomText()
  readonly #link: Link
  readonly #channel: string
  readonly #isApart: boolean
  #latest = 0

  constructor(link: Link, channel: string, isApart: boolean) {
    this.#link = link
    this.#channel = channel
    this.#isApart = isApart
  }

  /** What a script needs to publish the change itself: channel, stamp and news. */
  enclose(change: StoreChange): [channel: string, stamp: string, news: string] {
    return this.#isApart ? ['', '', ''] : [this.#channel, this.#next(), encodeNews(change)]
  }

  /** What a script needs that knows itself where and what to publish: the stamp; empty where it publishes nothing. */
  stamp(): string {
    return this.#isApart ? '' : this.#next()
  }

  /** Publishes a change that has been made, if its script could not. */
  follow(change: StoreChange): void {
    // Should it fail, the gap shows: the number is used up.
    if (this.#isApart) this.#link.publish(this.#channel, this.#next() + encodeNews(change)).catch(() => {})
  }

  /** Sends a heartbeat, which tells the mark of the data. */
  async beat(count: number): Promise<void> {
    const command = this.#isApart ? 'SPUBLISH' : 'PUBLISH'
    const message = `${this.id} ${this.#latest} b ${count} `
    await this.#link.run(SCRIPTS.beat, { keys: [this.#channel], values: [randomText(), command, message] })
  }

  #next(): string {
    this.#latest += 1
    return `${this.id} ${this.#latest} `
  }
}

function randomText(): string {
  return randomBytes(8).toString('base64url')
}
