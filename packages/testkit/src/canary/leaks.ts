import { hash } from 'node:crypto'

const TOKEN_LENGTH = 32
const KEY_LENGTH = 22
/** What drivers say of the commands that they send, which are about keys. */
const COMMAND = / ioredis:/
const WORD = /[\w-]{22,}/g

/** Tokens that were drawn, and the keys under which their records lie. */
export class Secrets {
  readonly #tokens = new Set<string>()
  readonly #keys = new Set<string>()

  add(token: string): void {
    this.#tokens.add(token)
    this.#keys.add(hash('sha256', token, 'buffer').toString('base64url', 0, 16))
  }

  isToken(text: string): boolean {
    return this.#tokens.has(text)
  }

  isKey(text: string): boolean {
    return this.#keys.has(text)
  }
}

/** Answers the lines of a text that hold a token, or a key where there should be none. */
export function leaksIn(text: string, secrets: Secrets): string[] {
  return text.split('\n').filter((line) => {
    const words = [...line.matchAll(WORD)].map(([word]) => word)
    if (words.some((word) => parts(word, TOKEN_LENGTH).some((part) => secrets.isToken(part)))) return true
    return !COMMAND.test(line) && words.some((word) => parts(word, KEY_LENGTH).some((part) => secrets.isKey(part)))
  })
}

/** Every part of a word that has that length. */
function parts(word: string, length: number): string[] {
  return Array.from({ length: Math.max(0, word.length - length + 1) }, (_, start) => word.slice(start, start + length))
}
