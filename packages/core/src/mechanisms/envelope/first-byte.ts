/**
 * The first byte of a body: the high half counts layouts, the low half says what was done to the body afterwards. What
 * was compressed and then sealed is sealed to look at; the first byte inside says that it is compressed.
 */

/** As it was written, with a head: layout 2, the newest that this version writes and understands. */
export const PLAIN = 0x20
/** Layout 1 had no head. It is still read. */
export const WITHOUT_HEAD = 0x10
export const ZSTD = 0x22
export const BROTLI = 0x24
export const SEALED = 0x28

const KNOWN: readonly number[] = [PLAIN, ZSTD, BROTLI, SEALED]

/** Thrown for bytes that no version can have written, or that were changed since: the session starts afresh. */
export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody'
}

/** Thrown for bytes that a newer version has written: the session must be kept. */
export class NewerBody extends Error {
  override readonly name = 'NewerBody'
}

/** Answers the first byte of a body that this version can read. @throws {@link NewerBody}, {@link UnreadableBody} */
export function firstByteOf(body: Uint8Array): number {
  const first = body[0]
  if (first === undefined) throw new UnreadableBody('The body is empty.')
  if (first === WITHOUT_HEAD || KNOWN.includes(first)) return first
  if (first < PLAIN) throw new UnreadableBody('The body has no known layout.')
  throw new NewerBody(`The body has layout 0x${first.toString(16)}, which this version does not know.`)
}
