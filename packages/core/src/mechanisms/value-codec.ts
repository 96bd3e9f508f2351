import { Packr, Unpackr } from 'msgpackr'

import type { Codec } from '../contracts/codec.ts'
import { decodeInteger, encodeInteger } from './value-integers.ts'
import { scanValue } from './value-scan.ts'
import { walkValue } from './value-walk.ts'

/** Makes the codec of stored values: MessagePack by msgpackr, with a walk before and a scan after. */
export function createValueCodec(): Codec {
  const options = { useRecords: false, useBigIntExtension: true, int64AsType: 'bigint', copyBuffers: true } as const
  const packr = new Packr(options)
  const unpackr = new Unpackr(options)
  return {
    // msgpackr answers a view of a buffer that it goes on using.
    encode: (value) => encodeInteger(value) ?? new Uint8Array(packr.pack(walkValue(value))),
    decode: (bytes) => {
      const integer = decodeInteger(bytes)
      if (integer !== undefined) return integer
      scanValue(bytes)
      return unpackr.unpack(bytes)
    },
  }
}
