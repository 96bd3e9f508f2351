/**
 * Stands around a store: a deadline and one retry for each call, a circuit, a bound on calls under way, and a check
 * of every answer. What comes out is an answer of the contract or a `StoreError`, never anything else, and never late.
 */
import { setTimeout as delay } from 'node:timers/promises'

import { StoreError, isHoldfastError } from '../contracts/errors.ts'
import { COMMITS_KEPT, type OfferedRecord, type Tombstone } from '../contracts/record.ts'
import type {
  AnyStore,
  Conflict,
  CreateResult,
  EndResult,
  LoadResult,
  RenewResult,
  Renewal,
  StoreCall,
  Touch,
  Trim,
  UpdateResult,
} from '../contracts/store.ts'
import { type StoreVerb, checkAnswer } from './answer-check.ts'
import { createCircuit } from './circuit.ts'
import { isHeard, tell } from './events.ts'

export interface GuardOptions {
  /** Milliseconds for a call together with its retry. */
  readonly storeDeadline: number
}

/** The store's verbs as the engine calls them. All throw `StoreError` only. */
export interface GuardedStore {
  readonly name: string
  load(key: string): Promise<LoadResult>
  create(record: OfferedRecord, commitId: string): Promise<CreateResult>
  /** `isResent`: the same call has been sent before and its outcome is unknown. */
  update(record: OfferedRecord, expected: number, commitId: string, isResent: boolean): Promise<UpdateResult>
  renew(renewal: Renewal, commitId: string, isResent: boolean): Promise<RenewResult>
  end(key: string, tombstone: Tombstone): Promise<EndResult>
  touch(touches: readonly Touch[]): Promise<void>
  /** Does nothing for a store without that power. */
  trim(trims: readonly Trim[]): Promise<void>
  ping(): Promise<void>
}

const CALLS_AT_ONCE = 4096
const FAILURES_TO_OPEN = 20
const CIRCUIT_PAUSE = 500
const RETRY_PAUSE = 20
const NOBODYS_KEY = 'A'.repeat(22)

type Send<Answer> = (call: StoreCall) => Promise<Answer>

interface Question {
  readonly verb: StoreVerb | 'trim' | 'ping'
  readonly key?: string
  readonly size?: number
  /** The revision that a comparing write expects. */
  readonly expected?: number
  readonly isResent?: boolean
}

export function guardStore(store: AnyStore, { storeDeadline }: GuardOptions): GuardedStore {
  const monotonic = (): number => performance.now()
  const circuit = createCircuit({ threshold: FAILURES_TO_OPEN, pause: CIRCUIT_PAUSE, monotonic })
  let callsUnderWay = 0

  async function call<Answer>(question: Question, send: Send<Answer>): Promise<Answer> {
    const startedAt = monotonic()
    let outcome = 'done'
    try {
      const answer = await admitted(question, send)
      if (question.key !== undefined) outcome = (answer as { outcome: string }).outcome
      return answer
    } catch (error) {
      outcome = isHoldfastError(error) ? error.code : 'ERR_STORE_FAILED'
      throw error
    } finally {
      if (isHeard('holdfast:store')) {
        const { verb, size } = question
        const duration = monotonic() - startedAt
        tell('holdfast:store', { store: store.name, verb, outcome, duration, ...(size === undefined ? {} : { size }) })
      }
    }
  }

  async function admitted<Answer>(question: Question, send: Send<Answer>): Promise<Answer> {
    if (!circuit.admits()) {
      throw new StoreError(
        'ERR_STORE_DOWN',
        `The store \`${store.name}\` has failed many times in a row, so this call was not sent. It is tried again within a second.`,
      )
    }
    if (callsUnderWay >= CALLS_AT_ONCE) {
      throw new StoreError(
        'ERR_STORE_BUSY',
        `${CALLS_AT_ONCE} calls to the store \`${store.name}\` are under way, so this one was not sent.`,
      )
    }
    callsUnderWay++
    try {
      const answer = await withinDeadline(question, send)
      circuit.succeeded()
      return answer
    } catch (error) {
      // An answer of the wrong kind shows a store that is there; only silence and errors speak for an outage.
      if (isHoldfastError(error) && (error.code === 'ERR_STORE_TIMEOUT' || error.code === 'ERR_STORE_FAILED'))
        circuit.failed()
      throw error
    } finally {
      callsUnderWay--
    }
  }

  function withinDeadline<Answer>(question: Question, send: Send<Answer>): Promise<Answer> {
    const controller = new AbortController()
    return new Promise<Answer>((resolve, reject) => {
      const expire = (): void => {
        const error = timeout(question.verb)
        controller.abort(error)
        reject(error)
      }
      // When this process was busy, the answer may be waiting behind the timer: one more turn lets it in.
      const timer = setTimeout(() => setImmediate(expire), storeDeadline)
      withRetry(question, send, controller.signal)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    })
  }

  async function withRetry<Answer>(question: Question, send: Send<Answer>, signal: AbortSignal): Promise<Answer> {
    try {
      return settled(question, await checked(question, send, signal), question.isResent === true)
    } catch (error) {
      if (isHoldfastError(error) && error.code !== 'ERR_STORE_FAILED') throw error
      await delay(RETRY_PAUSE * (0.5 + Math.random()), undefined, { signal })
      return settled(question, await checked(question, send, signal), true)
    }
  }

  /** A conflict after a lost answer may be with this very write: a record tells its last commits, but no more. */
  function settled<Answer>({ expected, verb }: Question, answer: Answer, isResent: boolean): Answer {
    if (!isResent || expected === undefined) return answer
    const { outcome, record } = answer as unknown as Conflict
    if (outcome !== 'conflict' || record.revision - expected <= COMMITS_KEPT) return answer
    throw new StoreError(
      'ERR_OUTCOME_UNKNOWN',
      `The answer to \`${verb}\` was lost, and the session has changed so often since that nobody can tell whether it was applied. Look at the session before repeating the change.`,
      { isOutcomeUnknown: true },
    )
  }

  async function checked<Answer>({ verb, key }: Question, send: Send<Answer>, signal: AbortSignal): Promise<Answer> {
    let answer: Answer
    try {
      answer = await send({ signal })
    } catch (cause) {
      if (isHoldfastError(cause) && cause.name === 'StoreError') throw cause
      throw new StoreError(
        'ERR_STORE_FAILED',
        `The store \`${store.name}\` failed at \`${verb}\`: ${describe(cause)}`,
        {
          cause,
          isOutcomeUnknown: isWrite(verb),
        },
      )
    }
    if (key === undefined) return answer
    try {
      checkAnswer(store.name, verb as Exclude<StoreVerb, 'touch'>, key, answer)
    } catch (error) {
      store.reset?.(error as Error)
      throw error
    }
    return answer
  }

  function timeout(verb: string): StoreError {
    const isOutcomeUnknown = isWrite(verb)
    const unknown = isOutcomeUnknown ? ' It may still be applied: its outcome is unknown.' : ''
    return new StoreError(
      'ERR_STORE_TIMEOUT',
      `The store \`${store.name}\` did not answer \`${verb}\` within ${storeDeadline} ms (\`storeDeadline\`).${unknown}`,
      { isOutcomeUnknown },
    )
  }

  return {
    name: store.name,
    load: (key) => call({ verb: 'load', key }, (terms) => store.load(key, terms)),
    create: (record, commitId) =>
      call({ verb: 'create', key: record.key }, ({ signal }) => store.create(record, { signal, commitId })),
    update: (record, expected, commitId, isResent) =>
      call({ verb: 'update', key: record.key, expected, isResent }, ({ signal }) =>
        store.update(record, expected, { signal, commitId }),
      ),
    renew: (renewal, commitId, isResent) =>
      call({ verb: 'renew', key: renewal.key, expected: renewal.expected, isResent }, ({ signal }) =>
        store.renew(renewal, { signal, commitId }),
      ),
    end: (key, tombstone) =>
      call({ verb: 'end', key }, ({ signal }) => store.end(key, tombstone, { signal, commitId: tombstone.commitId })),
    touch: (touches) => call({ verb: 'touch', size: touches.length }, (terms) => store.touch(touches, terms)),
    trim: async (trims) => {
      const { trim } = store
      if (trim === undefined) return
      await call({ verb: 'trim', size: trims.length }, (terms) => trim.call(store, trims, terms))
    },
    ping: () =>
      call({ verb: 'ping' }, async (terms) => {
        // A store that cannot be pinged shows itself by a look for what nobody has.
        if (store.ping === undefined) await store.load(NOBODYS_KEY, terms)
        else await store.ping(terms)
      }),
  }
}

function isWrite(verb: string): boolean {
  return verb === 'create' || verb === 'update' || verb === 'renew' || verb === 'end'
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
