/** Finds what is wrong with a secret. What it says never holds the secret, nor any part of it. */

const LEAST_CHARACTERS = 32
/** Bits that the mix of characters must be able to hold. 32 random digits have about 100, and hex digits more. */
const LEAST_BITS = 90

/**
 * Words of examples and placeholders. A random secret of 43 characters holds one of them once in ten million times.
 */
const WELL_KNOWN = [
  'secret',
  'password',
  'passw0rd',
  'changeme',
  'change_me',
  'change-me',
  'keyboardcat',
  'keyboard cat',
  'placeholder',
  'example',
  'characters',
  'averylog',
  'averylong',
  'replace',
  'qwerty',
  'letmein',
]

/** Answers what is wrong with a secret, as the rest of a sentence about it; `undefined` for one that will do. */
export function weaknessOf(secret: string): string | undefined {
  const { length } = secret
  if (length < LEAST_CHARACTERS) return `has ${length} characters, and at least ${LEAST_CHARACTERS} are needed`
  if (!secret.isWellFormed()) return 'holds half a character'
  if (secret.trim().length !== length) return 'begins or ends with white space, which a file or a shell has left there'
  const lowered = secret.toLowerCase()
  if (WELL_KNOWN.some((word) => lowered.includes(word))) return 'is an example or a placeholder that everybody knows'
  if (isRepetition(secret)) return 'repeats a shorter text'
  if (isRun(secret)) return 'follows the alphabet or counts'
  if (bitsIn(secret) < LEAST_BITS) return 'has too few different characters to be random'
  return undefined
}

/** A text that is a shorter one over and over occurs in its own double before the end. */
function isRepetition(text: string): boolean {
  const period = (text + text).indexOf(text, 1)
  return period <= text.length / 2
}

/** Most characters are the next or the previous one of their alphabet. */
function isRun(text: string): boolean {
  let steps = 0
  for (let at = 1; at < text.length; at++) {
    if (Math.abs(text.charCodeAt(at) - text.charCodeAt(at - 1)) <= 1) steps++
  }
  return steps > (text.length - 1) / 2
}

/** Shannon's measure of the characters as they occur, times their number. */
function bitsIn(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= count * Math.log2(count / text.length)
  return bits
}
