/** Parts of a run of bytes: each a length (LEB128) and as many bytes. */

/** Where the next part begins. */
export interface Cursor {
  at: number
}

/** Answers the next part, as a view, and moves the cursor behind it. @throws RangeError where it is not all there */
export function readPart(bytes: Uint8Array, cursor: Cursor): Uint8Array {
  let length = 0
  let scale = 1
  for (;;) {
    const byte = bytes[cursor.at++]
    if (byte === undefined || scale > 2 ** 28) throw new RangeError('A length is cut off.')
    length += (byte & 0x7f) * scale
    if (byte < 0x80) break
    scale *= 0x80
  }
  const end = cursor.at + length
  if (end > bytes.length) throw new RangeError('A part is cut off.')
  const part = bytes.subarray(cursor.at, end)
  cursor.at = end
  return part
}

/** Writes a part. Answers where the next one begins. */
export function writePart(target: Uint8Array, start: number, part: Uint8Array): number {
  let at = start
  let rest = part.length
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) target[at++] = (rest % 0x80) | 0x80
  target[at++] = rest
  target.set(part, at)
  return at + part.length
}

/** Tells how many bytes a length takes. */
export function lengthSize(length: number): number {
  let size = 1
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}
