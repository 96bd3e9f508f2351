import type { AnyStore } from '@holdfast/core'

/** The verbs of a store. */
export type Verb = 'load' | 'create' | 'update' | 'touch' | 'renew' | 'end'

/** What goes wrong with one call. */
export type Fault =
  /** It reaches the store and is answered, both that much later in all. `until` waits for an event instead. */
  | { readonly type: 'late'; readonly by: number }
  | { readonly type: 'late'; readonly until: Promise<unknown> }
  /** It never reaches the store, and nothing comes back. */
  | { readonly type: 'hang' }
  /** It never reaches the store, and an error comes back: as a rejection, or thrown by the verb itself. */
  | { readonly type: 'throw'; readonly isSync?: boolean }
  /** The store applies it, and an error comes back. */
  | { readonly type: 'apply then throw' }
  /** The store applies it, and nothing comes back. */
  | { readonly type: 'apply then hang' }
  /** The store applies it, and something else comes back. */
  | { readonly type: 'answer'; readonly instead: (answer: unknown) => unknown }

/** One call, as a plan sees it. */
export interface FaultyCall {
  readonly verb: Verb
  /** The key it is about; of a `touch`, the first one. */
  readonly key: string
  /** Every key it is about. */
  readonly keys: readonly string[]
  /** Names the change, the same for a retry; `undefined` for `load` and `touch`. */
  readonly commitId: string | undefined
}

/** Decides what goes wrong with a call; `undefined` for nothing. */
export type FaultPlan = (call: FaultyCall) => Fault | undefined

/** An answer that the engine was given. */
export interface Acknowledgement {
  readonly verb: Verb
  readonly key: string
  /** When, by `performance.now()`. */
  readonly at: number
}

/** A store whose calls go wrong as planned, and are counted. */
export interface FaultyStore {
  readonly store: AnyStore
  /** What goes wrong from now on. */
  plan: FaultPlan
  /** How often each verb was called since the last {@link FaultyStore.forget}. */
  readonly calls: Readonly<Record<Verb, number>>
  /** Every answer that reached the engine, in order. */
  readonly acknowledgements: readonly Acknowledgement[]
  /** Keys whose call was lost, hung or failed. */
  readonly struck: readonly string[]
  /** Sets all that is counted back to nothing. */
  forget(): void
}

const VERBS: readonly Verb[] = ['load', 'create', 'update', 'touch', 'renew', 'end']

const NO_FAULT: FaultPlan = () => undefined

/** Wraps a store. Its optional powers stay as they are. */
export function faultyStore(inner: AnyStore, plan: FaultPlan = NO_FAULT): FaultyStore {
  const calls = { load: 0, create: 0, update: 0, touch: 0, renew: 0, end: 0 }
  let acknowledgements: Acknowledgement[] = []
  let struck: string[] = []

  const run = async (call: FaultyCall, fault: Fault | undefined, send: () => Promise<unknown>): Promise<unknown> => {
    const answer = await suffer(fault, send)
    acknowledgements.push({ verb: call.verb, key: call.key, at: performance.now() })
    return answer
  }

  const verbs = Object.fromEntries(
    VERBS.map((verb) => [
      verb,
      (...values: unknown[]): Promise<unknown> => {
        calls[verb]++
        const keys = keysOf(verb, values[0])
        const { commitId } = values.at(-1) as { commitId?: string }
        const call = { verb, keys, key: keys[0] ?? '', commitId }
        const fault = faulty.plan(call)
        if (fault !== undefined) struck.push(call.key)
        if (fault?.type === 'throw' && fault.isSync === true) throw new Error('The connection is closed.')
        const send = inner[verb] as (...given: unknown[]) => Promise<unknown>
        return run(call, fault, () => Reflect.apply(send, inner, values))
      },
    ]),
  )

  const faulty: FaultyStore = {
    plan,
    calls,
    get acknowledgements() {
      return acknowledgements
    },
    get struck() {
      return struck
    },
    forget: () => {
      for (const verb of VERBS) calls[verb] = 0
      acknowledgements = []
      struck = []
    },
    store: new Proxy(inner, {
      get: (target, property) => verbs[property as string] ?? Reflect.get(target, property, target),
    }),
  }
  return faulty
}

/** A plan that strikes the first call of one verb about each key, and no other. */
export function strikeOnce(struckVerb: Verb, fault: Fault): FaultPlan {
  const seen = new Set<string>()
  return ({ verb, keys }) => {
    if (verb !== struckVerb) return undefined
    const isFirst = keys.some((key) => !seen.has(key))
    for (const key of keys) seen.add(key)
    return isFirst ? fault : undefined
  }
}

async function suffer(fault: Fault | undefined, send: () => Promise<unknown>): Promise<unknown> {
  switch (fault?.type) {
    case undefined:
      return send()
    case 'late':
      await ('until' in fault ? fault.until : new Promise((resolve) => setTimeout(resolve, fault.by)))
      return send()
    case 'hang':
      return new Promise(() => {})
    case 'throw':
      throw new Error('The connection is closed.')
    case 'apply then throw':
      await send()
      throw new Error('The connection was lost before the answer came.')
    case 'apply then hang':
      await send()
      return new Promise(() => {})
    case 'answer':
      return fault.instead(await send())
  }
}

function keysOf(verb: Verb, subject: unknown): readonly string[] {
  if (typeof subject === 'string') return [subject]
  if (verb === 'touch') return (subject as readonly { key: string }[]).map(({ key }) => key)
  return [(subject as { key: string }).key]
}
