/** Short ASCII texts in buffers, character by character: the way into Node's own encoders costs several times as much. */
import type { Buffer } from 'node:buffer'

/** Writes a text of ASCII characters. */
export function writeAscii(bytes: Buffer, at: number, text: string): void {
  for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index)
}

/** Says whether a text of ASCII characters lies at an offset. */
export function isAsciiAt(bytes: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false
  }
  return true
}
