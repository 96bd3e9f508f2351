import assert from 'node:assert/strict'
import type { LoadResult, Renewal, StoreCall, WriteCall } from '@holdfast/core'
import { assertKept, assertOutcome, assertRecord } from './assertions.ts'
import { commitOf, LONG_IDLE, nextRecord, randomKey, sampleRecord, sampleRenewal, sampleTombstone } from './sample.ts'
import type { StoreTheme } from './store-case.ts'
import type { Trial } from './trial.ts'

/** How a call is given up: before it is made, or while it is under way. */
interface Abort {
  signal(): AbortSignal
}

const BEFORE: Abort = { signal: () => AbortSignal.abort(new Error('given up before the call')) }

const DURING: Abort = {
  signal() {
    const controller = new AbortController()
    queueMicrotask(() => controller.abort(new Error('given up during the call')))
    return controller.signal
  },
}

/** A call that was given up may reject or not, and be applied or not, but wholly: its caller cannot know. */
export const abortTheme: StoreTheme = {
  name: 'abort',
  cases: [
    {
      rule: 'a create that was given up keeps the whole record or nothing, and is not acknowledged for nothing',
      async prove(trial) {
        for (const abort of [BEFORE, DURING]) {
          const record = sampleRecord(trial.now())
          const answer = await settled(() => trial.store.create(record, write(abort, commitOf(record))))
          const standing = await trial.load(record.key)
          if (standing.outcome === 'found') assertRecord(standing.record, record)
          else assertOutcome(standing, 'absent', record.key)
          if (answer !== undefined) assertOutcome(standing, 'found', record.key)
          assertOutcome(await trial.create(record), 'created', record.key)
          await assertKept(trial, record)
        }
      },
    },
    {
      rule: 'an update that was given up leaves the old record or the new one, and its retry succeeds',
      async prove(trial) {
        for (const abort of [BEFORE, DURING]) {
          const record = await trial.given()
          const next = nextRecord(record)
          const call = write(abort, commitOf(next))
          const answer = await settled(() => trial.store.update(next, record.revision, call))
          const standing = await trial.load(record.key)
          assertOutcome(standing, 'found', record.key)
          const isNew = standing.record.revision === next.revision
          assertRecord(standing.record, isNew ? next : record)
          if (answer !== undefined) assert.ok(isNew, 'an update must not be acknowledged without effect')
          assertOutcome(await trial.update(next), 'updated', record.key)
          await assertKept(trial, next)
        }
      },
    },
    {
      rule: 'a renew that was given up leaves exactly one key valid, and its retry succeeds',
      async prove(trial) {
        for (const abort of [BEFORE, DURING]) {
          const base = await trial.given()
          const renewal = sampleRenewal(base, trial.now())
          await settled(() => trial.store.renew(renewal, write(abort, renewal.alias.commitId)))
          const [old, renewed] = await loadBoth(trial, renewal)
          const isDone = renewed.outcome === 'found'
          assert.equal(old.outcome, isDone ? 'moved' : 'found', 'exactly one of both keys must be valid')
          assertOutcome(await trial.renew(renewal), 'renewed', base.key)
          await assertKept(trial, renewal.record)
        }
      },
    },
    {
      rule: 'an end that was given up leaves the record or the tombstone, and its retry ends the session',
      async prove(trial) {
        for (const abort of [BEFORE, DURING]) {
          const record = await trial.given()
          const tombstone = sampleTombstone(trial.now())
          const answer = await settled(() => trial.store.end(record.key, tombstone, write(abort, tombstone.commitId)))
          const standing = await trial.load(record.key)
          assert.ok(standing.outcome === 'ended' || standing.outcome === 'found')
          if (answer !== undefined) assertOutcome(standing, 'ended', record.key)
          assertOutcome(await trial.end(record.key, tombstone), 'ended', record.key)
        }
      },
    },
    {
      rule: 'a load or touch that was given up disturbs nothing: later calls get their own answers',
      async prove(trial) {
        const records = await Promise.all(Array.from({ length: 10 }, () => trial.given()))
        for (const abort of [BEFORE, DURING]) {
          const given = records.map(({ key }) => settled(() => trial.store.load(key, call(abort))))
          const touch = { key: randomKey(), idleUntil: trial.now() + LONG_IDLE }
          const touched = settled(() => trial.store.touch([touch], call(abort)))
          await Promise.all(records.map((record) => assertKept(trial, record)))
          for (const [index, answer] of (await Promise.all(given)).entries()) {
            if (answer !== undefined) assertOutcome(answer, 'found', records[index]?.key ?? '')
          }
          await touched
          await Promise.all(records.toReversed().map((record) => assertKept(trial, record)))
        }
      },
    },
  ],
}

function call(abort: Abort): StoreCall {
  return { signal: abort.signal() }
}

function write(abort: Abort, commitId: string): WriteCall {
  return { signal: abort.signal(), commitId }
}

/** Answers what the call answers, or `undefined` if it rejects. */
async function settled<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask()
  } catch {
    return undefined
  }
}

/** Loads the old key and the new one. Between the loads a renewal may take effect whose caller has given up. */
async function loadBoth(trial: Trial, renewal: Renewal): Promise<readonly [old: LoadResult, renewed: LoadResult]> {
  const before = await trial.load(renewal.key)
  const renewed = await trial.load(renewal.record.key)
  const after = await trial.load(renewal.key)
  return before.outcome === after.outcome ? [after, renewed] : loadBoth(trial, renewal)
}
