import TinyQueue from 'tinyqueue'

/** What a {@link RemovalQueue} needs to know of an item. */
export interface Removable {
  /** When the item is due. */
  removeAt: number
  /** When the queue will look at the item next, never later than `removeAt`; NaN while it is not in a queue. */
  queuedAt: number
}

interface Ticket<Item> {
  readonly at: number
  readonly item: Item
}

/** Rebuilding a heap that is smaller than this is not worth the while. */
const SMALL = 64

/**
 * Tells which items are due, without timers.
 *
 * A heap that is corrected lazily: an item that became due later keeps its ticket, and is queued anew when the ticket
 * comes up; one that became due earlier, or was taken out, leaves a stale ticket behind. Once stale tickets outnumber
 * items, the heap is rebuilt, so that its size stays in proportion.
 */
export class RemovalQueue<Item extends Removable> {
  #heap = new TinyQueue<Ticket<Item>>([], byTime)
  #size = 0

  /** Puts in an item that is in no queue. */
  add(item: Item): void {
    this.#size += 1
    this.#push(item)
  }

  /** Takes note that `removeAt` of an item has changed. */
  correct(item: Item): void {
    if (item.removeAt < item.queuedAt) this.#push(item)
  }

  /** Takes out an item. */
  remove(item: Item): void {
    this.#size -= 1
    item.queuedAt = Number.NaN
  }

  /** Answers the item that is due first, if it is due at the given time. It stays in the queue. */
  firstDue(time: number): Item | undefined {
    for (let ticket = this.#heap.peek(); ticket !== undefined && ticket.at <= time; ticket = this.#heap.peek()) {
      const { at, item } = ticket
      const isStale = at !== item.queuedAt
      if (!isStale && at === item.removeAt) return item
      this.#heap.pop()
      if (!isStale) this.#push(item)
    }
    return undefined
  }

  /** How many tickets are held, stale ones too. */
  get ticketCount(): number {
    return this.#heap.length
  }

  #push(item: Item): void {
    item.queuedAt = item.removeAt
    this.#heap.push({ at: item.removeAt, item })
    if (this.#heap.length > 2 * this.#size + SMALL) this.#rebuild()
  }

  #rebuild(): void {
    const items = new Set<Item>()
    for (const { at, item } of this.#heap.data) if (at === item.queuedAt) items.add(item)
    const tickets = Array.from(items, (item) => ({ at: item.queuedAt, item }))
    this.#heap = new TinyQueue(tickets, byTime)
  }
}

function byTime(a: Ticket<unknown>, b: Ticket<unknown>): number {
  return a.at - b.at
}
