/**
 * Copies a value into what msgpackr writes, refusing what would not come back as it went in.
 *
 * Plain objects, arrays, strings, finite and non-finite numbers (-0 becomes 0), booleans, null, undefined, BigInt,
 * Date, Map, Set, ArrayBuffer and its views round-trip. `__proto__` is a name like any other.
 */
import { types } from 'node:util'

import { ValueError } from '../contracts/errors.ts'
import { BinaryBox, DateBox, EntriesBox, MapBox, SetBox, binaryKind } from './value-boxes.ts'

/** How deeply values may be nested. */
export const DEPTH_LIMIT = 100

/** @throws ValueError `ERR_VALUE` with the path of what cannot be kept. */
export function walkValue(value: unknown): unknown {
  return walk(value, [])
}

/** The path is shared by the whole walk; it grows and shrinks, and is read only when something is refused. */
type Path = { readonly step: string; readonly parent: object }[]

function walk(value: unknown, path: Path): unknown {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) refuse('a string with a lone surrogate, which is not text', path)
      return value
    case 'number':
      return value === 0 ? 0 : value
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return value
    case 'function':
      return refuse('a function', path)
    case 'symbol':
      return refuse('a symbol', path)
    default:
      return value === null ? null : walkObject(value as object, path)
  }
}

function walkObject(value: object, path: Path): unknown {
  if (path.length >= DEPTH_LIMIT) refuse(`nested more than ${DEPTH_LIMIT} deep`, path)
  if (path.some(({ parent }) => parent === value)) refuse('a cycle: the value contains itself', path)
  if (isPlain(value)) return walkPlain(value as Record<string, unknown>, path)
  if (isBuiltIn(value)) {
    if (Array.isArray(value)) return Array.from(value, (item, index) => step(item, `[${index}]`, value, path))
    if (types.isDate(value)) return walkDate(value, path)
    if (types.isMap(value)) return walkMap(value, path)
    if (types.isSet(value)) {
      return new SetBox(Array.from(value, (item, index) => step(item, `<value ${index}>`, value, path)))
    }
  }
  const kind = binaryKind(value)
  if (kind !== undefined) return new BinaryBox(kind, value as ArrayBuffer | ArrayBufferView)
  return refuse(`an instance of ${value.constructor?.name || 'a class'}`, path)
}

/** Whether an object stands right below the root of its realm; `vm` contexts, and so Jest, have roots of their own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Whether an object's class, which built-in ones do, stands right below the root: a subclass stands deeper. */
function isBuiltIn(value: object): boolean {
  return isPlain(Object.getPrototypeOf(value) as object)
}

function step(value: unknown, name: string, parent: object, path: Path): unknown {
  path.push({ step: name, parent })
  const walked = walk(value, path)
  path.pop()
  return walked
}

function walkPlain(value: Record<string, unknown>, path: Path): unknown {
  if (Object.getOwnPropertySymbols(value).length > 0) refuse('an object with symbol keys', path)
  const names = Object.keys(value)
  const entries = names.map((name): [string, unknown] => {
    if (!name.isWellFormed()) refuse('a name with a lone surrogate', path)
    return [
      name,
      step(value[name], /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`, value, path),
    ]
  })
  // msgpackr renames `__proto__`, so such objects travel as a list of entries.
  return names.includes('__proto__') ? new EntriesBox(entries.flat()) : Object.fromEntries(entries)
}

function walkMap(value: Map<unknown, unknown>, path: Path): unknown {
  const flat: unknown[] = []
  let index = 0
  for (const [key, item] of value) {
    flat.push(step(key, `<key ${index}>`, value, path), step(item, `<value ${index}>`, value, path))
    index++
  }
  return new MapBox(flat)
}

function walkDate(value: Date, path: Path): DateBox {
  if (Number.isNaN(value.getTime())) refuse('an invalid Date', path)
  return new DateBox(value)
}

function refuse(what: string, path: Path): never {
  const where = path.map(({ step: name }) => name).join('')
  throw new ValueError(
    'ERR_VALUE',
    `The value${where === '' ? '' : ` at \`${where}\``} is ${what}. ` +
      'It would not come back as it went in, so nothing was recorded. Keep plain data in the session.',
  )
}
