import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import { isAsciiAt } from './records/ascii-text.ts'
import { KEY_TEXT } from './records/packed-text.ts'

/**
 * Names what the store keeps: `prefix:{…}` and nothing else. A prefix holds no brace, so no two prefixes share a name,
 * and an ACL can allow one of them alone. What stands in the braces decides the slot in a Cluster.
 */
export class Keyspace {
  /** The channel of the change feed, and the place of the mark that its heartbeats tell. */
  readonly channel: string
  /** The place of the generation. */
  readonly generation: string
  readonly #start: string
  readonly #startBytes: number

  constructor(prefix: string) {
    this.#start = `${prefix}:{`
    this.#startBytes = Buffer.byteLength(this.#start)
    this.channel = `${this.#start}feed}`
    this.generation = `${this.#start}generation}`
  }

  /** Names the place of a record, an alias or a tombstone. */
  record(key: string): string {
    return `${this.#start}${key}}`
  }

  /** Names the index of a subject, by a hash: subjects may be long, and are nobody's business. */
  index(subject: string): string {
    return `${this.#start}u:${hash('sha256', subject, 'base64url').slice(0, KEY_TEXT)}}`
  }

  /** Names the part of a census that a key belongs to: of all records whose bodies begin with those bytes, in hex. */
  census(beginning: string, part: string): string {
    return `${this.#start}k:${beginning}:${part}}`
  }

  /**
   * Reads the key back out of the name of its place; empty for anything else, which belongs to another question.
   *
   * @param expected the key that it mostly is: the same text is answered then, and none is made
   */
  keyIn(name: unknown, expected: string = ''): string {
    if (!Buffer.isBuffer(name)) return ''
    const [start, end] = [this.#startBytes, name.length - 1]
    if (end - start === expected.length && isAsciiAt(name, start, expected)) return expected
    return name.toString('latin1', start, end)
  }
}
