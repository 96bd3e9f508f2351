/**
 * Stands around a store: a deadline and one retry for each call, a circuit, a bound on calls under way, and a check
 * of every answer. What comes out is an answer of the contract or a `StoreError`, never anything else, and never late.
 */
import { StoreError, isHoldfastError } from '../contracts/errors.ts'
import type { OfferedRecord, Tombstone } from '../contracts/record.ts'
import type {
  AnyStore,
  CreateResult,
  EndResult,
  LiveCount,
  LoadResult,
  RenewResult,
  Renewal,
  SubjectListing,
  SubjectPage,
  Touch,
  Trim,
  UpdateResult,
} from '../contracts/store.ts'
import { checkCount, checkGeneration, checkListing } from './answer-check.ts'
import { createCircuit } from './circuit.ts'
import { createDeadlines } from './deadlines.ts'
import { hearingOf, tell } from './events.ts'
import { type CallRules, GuardedCall, type Question, type Send, isWrite } from './guarded-call.ts'

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
  /** For a store with that power only. */
  listSubject(subject: string, page: SubjectPage): Promise<SubjectListing>
  /** For a store with that power only. */
  countLive(beginning: Uint8Array, after: string | undefined): Promise<LiveCount>
  /** 0 for a store without that power. */
  generation(): Promise<number>
  /** For a store with that power only. */
  raiseGeneration(to: number): Promise<number>
  ping(): Promise<void>
}

const areCallsHeard = hearingOf('holdfast:store')

const CALLS_AT_ONCE = 4096
const FAILURES_TO_OPEN = 20
const CIRCUIT_PAUSE = 500
const NOBODYS_KEY = 'A'.repeat(22)

export function guardStore(store: AnyStore, { storeDeadline }: GuardOptions): GuardedStore {
  const monotonic = (): number => performance.now()
  const circuit = createCircuit({ threshold: FAILURES_TO_OPEN, pause: CIRCUIT_PAUSE, monotonic })
  let callsUnderWay = 0

  function call<Answer>(question: Question, send: Send<Answer>): Promise<Answer> {
    const answer = admit(question, send)
    // Heartbeats belong to no request.
    return question.verb !== 'generation' && areCallsHeard() ? observe(question, answer) : answer
  }

  async function observe<Answer>({ verb, key, size }: Question, answering: Promise<Answer>): Promise<Answer> {
    const startedAt = monotonic()
    let outcome = 'done'
    try {
      const answer = await answering
      if (key !== undefined) outcome = (answer as { outcome: string }).outcome
      return answer
    } catch (error) {
      outcome = isHoldfastError(error) ? error.code : 'ERR_STORE_FAILED'
      throw error
    } finally {
      const duration = monotonic() - startedAt
      tell('holdfast:store', { store: store.name, verb, outcome, duration, ...(size === undefined ? {} : { size }) })
    }
  }

  function admit<Answer>(question: Question, send: Send<Answer>): Promise<Answer> {
    if (!circuit.admits()) {
      return Promise.reject(
        new StoreError(
          'ERR_STORE_DOWN',
          `The store \`${store.name}\` has failed many times in a row, so this call was not sent. It is tried again within a second.`,
        ),
      )
    }
    if (callsUnderWay >= CALLS_AT_ONCE) {
      return Promise.reject(
        new StoreError(
          'ERR_STORE_BUSY',
          `${CALLS_AT_ONCE} calls to the store \`${store.name}\` are under way, so this one was not sent.`,
        ),
      )
    }
    callsUnderWay++
    return new Promise((resolve, reject) => new GuardedCall(rules, question, send, resolve, reject).begin())
  }

  const rules: CallRules = {
    store,
    deadlines: createDeadlines(storeDeadline),
    timeout,
    onDone: (error) => {
      callsUnderWay--
      if (error === undefined) circuit.succeeded()
      // An answer of the wrong kind shows a store that is there; only silence and errors speak for an outage.
      else if (error.code === 'ERR_STORE_TIMEOUT' || error.code === 'ERR_STORE_FAILED') circuit.failed()
    },
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
    listSubject: (subject, page) =>
      call({ verb: 'listSubject' }, async (terms) =>
        checkListing(store.name, subject, await store.listSubject!(subject, page, terms)),
      ),
    countLive: (beginning, after) =>
      call({ verb: 'countLive' }, async (terms) =>
        checkCount(store.name, await store.countLive!(beginning, after, terms)),
      ),
    generation: async () => {
      const { generation } = store
      if (generation === undefined) return 0
      return call({ verb: 'generation' }, async (terms) =>
        checkGeneration(store.name, await generation.call(store, terms)),
      )
    },
    raiseGeneration: (to) =>
      call({ verb: 'raiseGeneration' }, async (terms) =>
        checkGeneration(store.name, await store.raiseGeneration!(to, terms), to),
      ),
    ping: () =>
      call({ verb: 'ping' }, async (terms) => {
        // A store that cannot be pinged shows itself by a look for what nobody has.
        if (store.ping === undefined) await store.load(NOBODYS_KEY, terms)
        else await store.ping(terms)
      }),
  }
}
