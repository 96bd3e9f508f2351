/** What all bindings do when they are mounted: read their options, and show the handle under a property. */
import { inspect } from 'node:util'

import type { Exchange } from './contracts/exchange.ts'
import { type OptionProblem, OptionsError, UsageError } from './contracts/errors.ts'
import type { LoadMode } from './options/options.ts'
import { Session } from './session.ts'
import type { FinishTerms, OpenOptions } from './entrance.ts'

/** What a binding uses of an engine, with a store or without, whatever its sessions hold. */
export interface MountableSessions {
  open(exchange: Exchange, options?: OpenOptions): object
  finish(session: never, terms: FinishTerms): Promise<void> | undefined
  abandon(session: never): void
  of(carrier: object): object
}

/** Options that every binding understands. */
export interface MountOptions extends OpenOptions {
  /** Under which name the handle is found. @default 'session' */
  readonly property?: string
}

/** {@link MountOptions}, checked. */
export interface Mount {
  readonly property: string
  readonly open: OpenOptions
}

const NAMES: readonly string[] = ['load', 'passive', 'property']
const LOAD_MODES: readonly (LoadMode | undefined)[] = ['eager', 'strict', 'lazy', undefined]

/** What gives the sessions of other libraries away. */
const STRANGERS: readonly (readonly [mark: string, name: string])[] = [
  ['regenerate', 'the session of express-session or @fastify/session'],
  ['isPopulated', 'the session of cookie-session'],
  ['manuallyCommit', 'the session of koa-session'],
]

/**
 * Checks what a binding was mounted with.
 *
 * @param callee how the binding is called, for the message
 * @param extraNames options that only this binding has
 * @throws OptionsError `ERR_OPTIONS`
 */
export function readMount(
  callee: string,
  sessions: unknown,
  options: object,
  extraNames: readonly string[] = [],
): Mount {
  const { load, passive, property = 'session' } = options as MountOptions
  const problems: OptionProblem[] = []
  const reject = (path: string, message: string): void => void problems.push({ path, message })
  if (typeof (sessions as { open?: unknown } | null | undefined)?.open !== 'function') {
    reject(
      'sessions',
      `${described(sessions)} is no engine. Give it what \`createSessions({ store })\` or \`cookieSessions({ keys })\` answered.`,
    )
  }
  const names = [...extraNames, ...NAMES]
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) reject(name, `there is no such option. There are ${names.join(', ')}.`)
  }
  if (!LOAD_MODES.includes(load)) reject('load', `${inspect(load)} is none of 'eager', 'strict', 'lazy'.`)
  if (passive !== undefined && typeof passive !== 'boolean')
    reject('passive', `${inspect(passive)} is neither true nor false.`)
  if (typeof property !== 'string' || property === '')
    reject('property', `${inspect(property)} is no name of a property.`)
  if (problems.length > 0) throw new OptionsError(callee, problems)
  return { property, open: { ...(load !== undefined && { load }), ...(passive !== undefined && { passive }) } }
}

/** Shows a handle as a property of a request or a context. Does nothing if it is shown there already. */
export type ShowHandle = (target: object, handle: object) => void

/**
 * Makes what shows the handles of one mount. Assigning the property throws `ERR_PROPERTY_STYLE`, since it would only
 * hide the handle.
 *
 * The property is the same for all requests, and finds its handle by the request: one with functions of its own would
 * make each request a class of its own to the JavaScript engine.
 *
 * @param find answers the handle of a request or a context
 * @param homeOf answers an object of the framework or the application that a target inherits from all its life. The
 *   property is then defined there, once for all targets; those that no handle was shown on have it `undefined`, and
 *   can be assigned to. @default each target gets the property
 * @returns a function that throws UsageError `ERR_ALREADY_MOUNTED` if something else has that name
 */
export function handleShower(
  property: string,
  find: (target: object) => object,
  homeOf?: (target: object) => object | undefined,
): ShowHandle {
  const shown: PropertyDescriptor = {
    enumerable: true,
    get(this: object) {
      return find(this)
    },
    set: () => refuseAssignment(property),
  }
  const mark = markOf(property)
  return (target, handle) => {
    // Not by `Reflect.get`, which is no faster for the thousandth request than for the first.
    const existing = (target as Readonly<Record<string, unknown>>)[property]
    if (existing === handle) return
    if (existing !== undefined) throw alreadyMounted(property, existing)
    if (mark in target || isAtHome(homeOf?.(target), property, mark)) {
      ;(target as Marked)[mark] = handle
      // Unless the target has a property of its own, which hides that of its home.
      if ((target as Readonly<Record<string, unknown>>)[property] === handle) return
    }
    Object.defineProperty(target, property, shown)
  }
}

type Marked = Record<symbol, object | undefined>

/** Under which a target has the handle that the property of its home shows. All copies of this module have the same. */
function markOf(property: string): symbol {
  return Symbol.for(`holdfast.shown.${property}`)
}

/** Puts the property on a home, unless something there has that name. Says whether it is there now. */
function isAtHome(home: object | undefined, property: string, mark: symbol): boolean {
  if (home === undefined || property in home || !Object.isExtensible(home)) return false
  Object.defineProperties(home, {
    [mark]: { value: undefined, writable: true },
    [property]: {
      get(this: Marked) {
        return this[mark]
      },
      set(this: Marked, value: unknown) {
        if (this[mark] !== undefined) refuseAssignment(property)
        // Somebody else's session, of a request that does not come to us. If it does, we name them.
        Object.defineProperty(this, property, { value, writable: true, enumerable: true, configurable: true })
      },
    },
  })
  return true
}

/** Makes the error for a property that is taken, naming what has it. */
export function alreadyMounted(property: string, existing: unknown): UsageError {
  return new UsageError(
    'ERR_ALREADY_MOUNTED',
    `The property \`${property}\` is taken by ${describeStranger(existing)}, so Holdfast's handle cannot be found there. ` +
      "Remove the other one, or mount Holdfast under another name: `{ property: 'hold' }`.",
  )
}

/** Refuses `request.session = x`. */
export function refuseAssignment(property: string): never {
  throw new UsageError(
    'ERR_PROPERTY_STYLE',
    `\`${property} = …\` does not change the session, which is a handle that records changes. Write ` +
      `\`${property}.set(name, value)\` for a field, and \`${property}.logout()\` to end the session.`,
  )
}

function describeStranger(existing: unknown): string {
  if (typeof existing === 'string') return existing
  if (existing instanceof Session) return 'the handle of another Holdfast engine'
  return STRANGERS.find(([mark]) => hasMember(existing, mark))?.[1] ?? described(existing)
}

function hasMember(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && name in value
}

/** Names the kind of a value, never what it holds: it may be somebody's session. */
function described(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return inspect(value)
  return `an object of class ${(value.constructor as { name?: string } | undefined)?.name ?? 'null'}`
}
