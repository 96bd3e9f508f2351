/** Makes bodies smaller. The first byte says by what; then comes the length of the body, then what is compressed. */
import * as zlib from 'node:zlib'

import { type Cursor, lengthSize, readLength, writeLength } from '../parts-of-bytes.ts'
import { BROTLI, NewerBody, PLAIN, UnreadableBody, ZSTD } from './first-byte.ts'

/**
 * The longest body that is compressed, and the longest that anything is expanded to, whatever it claims. Part of the
 * format, so that no option can make a record unreadable.
 */
export const LONGEST = 1_048_576

/** Node before 22.15 has no zstd. */
const { zstdCompressSync, zstdDecompressSync } = zlib as Partial<typeof zlib>
const { constants } = zlib
/**
 * How far back the compressed bytes may refer, in bits. What asks for more would make the reader fill megabytes before
 * any limit of its output counts, so only that much is accepted.
 */
const WINDOW = 18
/** Better ones take many times as long and save a few percent. */
const QUALITY = 4

/** Compresses a body of at least `above` bytes, if that makes it smaller. */
export function compressBody(body: Uint8Array, above: number): Uint8Array {
  if (body.length < above || body.length > LONGEST || body[0] !== PLAIN) return body
  const content = body.subarray(1)
  const isZstd = zstdCompressSync !== undefined
  const packed = isZstd
    ? zstdCompressSync(content, { params: { [constants.ZSTD_c_windowLog]: WINDOW } })
    : zlib.brotliCompressSync(content, {
        params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_LGWIN]: WINDOW },
      })
  const at = 1 + lengthSize(content.length)
  if (at + packed.length >= body.length) return body
  const compressed = new Uint8Array(at + packed.length)
  compressed[0] = isZstd ? ZSTD : BROTLI
  writeLength(compressed, 1, content.length)
  compressed.set(packed, at)
  return compressed
}

/**
 * Answers the body that was compressed; any other body as it is. Expands to no more bytes than the body names, and to
 * none where it names more than anybody compresses.
 *
 * @throws {@link UnreadableBody}, {@link NewerBody} where this version of Node cannot read it
 */
export function expandBody(body: Uint8Array): Uint8Array {
  const [first] = body
  if (first !== ZSTD && first !== BROTLI) return body
  if (first === ZSTD && zstdDecompressSync === undefined) {
    throw new NewerBody('The body was compressed by zstd, which Node has since 22.15.')
  }
  const cursor: Cursor = { at: 1 }
  try {
    const length = readLength(body, cursor)
    if (length > LONGEST) throw new UnreadableBody('The body would become too long.')
    const content = expand(first, body.subarray(cursor.at), length)
    if (content.length !== length) throw new UnreadableBody('The body has another length than it names.')
    const expanded = new Uint8Array(1 + length)
    expanded[0] = PLAIN
    expanded.set(content, 1)
    return expanded
  } catch (cause) {
    if (cause instanceof UnreadableBody) throw cause
    throw new UnreadableBody('The body cannot be expanded.', { cause })
  }
}

function expand(first: number, packed: Uint8Array, length: number): Uint8Array {
  const bounds = { maxOutputLength: length, chunkSize: Math.max(length, 64) }
  if (first === ZSTD) {
    return zstdDecompressSync!(packed, { ...bounds, params: { [constants.ZSTD_d_windowLogMax]: WINDOW } })
  }
  if (brotliWindowOf(packed[0] ?? 0) > WINDOW) throw new UnreadableBody('The body refers too far back.')
  return zlib.brotliDecompressSync(packed, bounds)
}

/** Answers the bits of the window that a brotli stream begins with (RFC 7932, 9.1); 64 for the ones beyond that RFC. */
function brotliWindowOf(first: number): number {
  if ((first & 1) === 0) return 16
  const most = (first >> 1) & 7
  if (most > 0) return 17 + most
  const few = (first >> 4) & 7
  if (few === 1) return 64
  return few === 0 ? 17 : 8 + few
}
