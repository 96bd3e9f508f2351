import { type Fields, PackedFields } from './packed-fields.ts'

/** So many lists of names are remembered; an app that makes more shares no others. */
const MOST_LISTS = 256
/** Names that together are longer are not worth keeping. */
const LONGEST = 1024

/** Lets records whose fields have the same names in the same order share one list of them. */
export class SharedNames {
  readonly #lists = new Map<string, readonly string[]>()

  /** Answers the list for all records like this one; `undefined` where none is kept. */
  of(fields: Fields): readonly string[] | undefined {
    if (!(fields instanceof PackedFields)) return undefined
    const joined = JSON.stringify(fields.keys())
    const known = this.#lists.get(joined)
    if (known !== undefined || this.#lists.size >= MOST_LISTS || joined.length > LONGEST) return known
    const names = JSON.parse(joined) as readonly string[]
    this.#lists.set(joined, names)
    return names
  }

  clear(): void {
    this.#lists.clear()
  }
}
