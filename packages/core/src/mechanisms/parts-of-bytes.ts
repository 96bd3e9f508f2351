/** Parts of a run of bytes: each a length (LEB128) and as many bytes. */

/** Where the next part begins. */
export interface Cursor {
  at: number
}

/** Answers the next part, as a view, and moves the cursor behind it. @throws RangeError where it is not all there */
export function readPart(bytes: Uint8Array, cursor: Cursor): Uint8Array {
  const length = readLength(bytes, cursor)
  const end = cursor.at + length
  if (end > bytes.length) throw new RangeError('A part is cut off.')
  const part = bytes.subarray(cursor.at, end)
  cursor.at = end
  return part
}

/** Answers a length and moves the cursor behind it. @throws RangeError where it is not all there */
export function readLength(bytes: Uint8Array, cursor: Cursor): number {
  let length = 0
  let scale = 1
  for (;;) {
    const byte = bytes[cursor.at++]
    if (byte === undefined || scale > 2 ** 28) throw new RangeError('A length is cut off.')
    length += (byte & 0x7f) * scale
    if (byte < 0x80) return length
    scale *= 0x80
  }
}

/** Writes a part. Answers where the next one begins. */
export function writePart(target: Uint8Array, start: number, part: Uint8Array): number {
  const at = writeLength(target, start, part.length)
  target.set(part, at)
  return at + part.length
}

/** Writes a length. Answers where what it tells of begins. */
export function writeLength(target: Uint8Array, start: number, length: number): number {
  let at = start
  let rest = length
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) target[at++] = (rest % 0x80) | 0x80
  target[at++] = rest
  return at
}

/** Tells how many bytes a length takes. */
export function lengthSize(length: number): number {
  let size = 1
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}
