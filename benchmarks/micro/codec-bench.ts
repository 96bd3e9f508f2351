/** Encoding and decoding, by size: values, and the body of a record. */
import { type Fields, readBody, writeBody } from '../../packages/core/src/mechanisms/body.ts'
import { NO_HEAD } from '../../packages/core/src/mechanisms/record-head.ts'
import { createValueCodec } from '../../packages/core/src/mechanisms/value-codec.ts'
import { fieldsOf } from '../contenders/session-fields.ts'
import { measure } from './case.ts'

const SIZES = { '350 B': 2, '4 KB': 88, '64 KB': 1500 } as const

export function define(): void {
  const codec = createValueCodec()
  const [item] = fieldsOf('user-1', '350').cart
  for (const [title, length] of Object.entries(SIZES)) {
    const value = { ...fieldsOf('user-1', '350'), cart: Array.from({ length }, () => ({ ...item })) }
    const bytes = codec.encode(value)
    const fields: Fields = new Map(Object.entries(value).map(([name, one]) => [name, codec.encode(one)]))
    const body = writeBody(NO_HEAD, fields)
    measure(`codec: encode ${title}`, () => codec.encode(value))
    measure(`codec: decode ${title}`, () => codec.decode(bytes))
    measure(`codec: JSON.stringify ${title}`, () => JSON.stringify(value))
    measure(`codec: write a body of ${title}`, () => writeBody(NO_HEAD, fields))
    measure(`codec: read a body of ${title}`, () => readBody(body))
  }
}
