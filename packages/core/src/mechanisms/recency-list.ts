/** The links that an item of a {@link RecencyList} carries. An item lies in at most one list. */
export interface Linked<Item> {
  previous: Item | undefined
  next: Item | undefined
}

/** Keeps items in the order of their last use. All operations take constant time. */
export class RecencyList<Item extends Linked<Item>> {
  #oldest: Item | undefined
  #newest: Item | undefined

  /** The least recently used item. */
  get oldest(): Item | undefined {
    return this.#oldest
  }

  /** All items of now, the least recently used first. */
  items(): Item[] {
    const items: Item[] = []
    for (let item = this.#oldest; item !== undefined; item = item.next) items.push(item)
    return items
  }

  /** The least recently used item that is not among a few others. */
  oldestBut(others: readonly Item[]): Item | undefined {
    let item = this.#oldest
    while (item !== undefined && others.includes(item)) item = item.next
    return item
  }

  /** Appends an item as the most recently used one. It must not be in a list. */
  add(item: Item): void {
    item.previous = this.#newest
    if (this.#newest === undefined) this.#oldest = item
    else this.#newest.next = item
    this.#newest = item
  }

  /** Takes out an item, which must be in this list. */
  remove(item: Item): void {
    if (item.previous === undefined) this.#oldest = item.next
    else item.previous.next = item.next
    if (item.next === undefined) this.#newest = item.previous
    else item.next.previous = item.previous
    item.previous = undefined
    item.next = undefined
  }

  /** Makes an item of this list the most recently used one. */
  use(item: Item): void {
    if (item === this.#newest) return
    this.remove(item)
    this.add(item)
  }
}
