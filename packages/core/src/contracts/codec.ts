/** Turns one value into bytes and back. The engine asks it per field, and only for fields that are used. */
export interface Codec {
  /**
   * Copies the value into bytes.
   *
   * @throws `ValueError` (`ERR_VALUE`) with the path of what cannot be kept.
   */
  encode(value: unknown): Uint8Array
  /**
   * Makes a new value from bytes. Nothing of it is shared with an earlier answer or with the bytes.
   *
   * @throws any error for bytes that `encode` cannot have made. No constructor runs because stored bytes name it.
   */
  decode(bytes: Uint8Array): unknown
}
