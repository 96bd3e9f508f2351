import fc from 'fast-check'
import { RETENTION, sampleRecord, sampleRenewal, sampleTombstone } from '../store/sample.ts'
import { TRIMMABLE } from '../store/powers.ts'
import { nextOf, PLACES, SUBJECTS, type Pair } from './pair.ts'

/** Something that the store and its model go through together. */
export interface Step {
  take(pair: Pair): Promise<void>
}

/** How long records live at most. */
const ABSOLUTE = 60_000

const place = fc.nat(PLACES - 1)
const subject = fc.constantFrom(...SUBJECTS)
const idleTimeout = fc.constantFrom(1_000, 5_000, 30_000)
const body = fc.uint8Array({ maxLength: 8 })
const leap = fc.constantFrom(0, 1, 1, 500, 999, 999, 1_000, 4_000, 4_999, 5_000, 29_999, RETENTION - 1, RETENTION)

/** How far off the right revision a writer is. */
const off = fc.constantFrom(0, 0, 0, 0, -1, 1)

/** What a writer changes besides the revision. */
const changes = fc.record({ subject, idleTimeout, body })

const create = fc.record({ at: place, changes }).map(({ at, changes: given }) =>
  named(`create ${at}`, async (pair) => {
    const { model, trial } = pair
    const absoluteAt = model.now + ABSOLUTE
    const record = sampleRecord(model.now, { ...given, key: pair.keyToFill(at), absoluteAt })
    await pair.write(async () => {
      pair.compare('create', await trial.create(record), model.create(record), record)
    })
  }),
)

const update = fc.record({ at: place, changes, off, isLater: fc.boolean() }).map(({ at, isLater, ...given }) =>
  named(`update ${at} ${given.off === 0 ? '' : 'at another revision'}`, async (pair) => {
    const { model, trial } = pair
    const base = pair.baseAt(at)
    const expected = base.revision + given.off
    const idleUntil = isLater ? model.now + given.changes.idleTimeout : base.idleUntil - 1
    const record = nextOf(base, expected, { ...given.changes, idleUntil })
    await pair.write(async () => {
      pair.compare('update', await trial.update(record, expected), model.update(record, expected), record)
    })
  }),
)

/** What a touch knows of the idle length: nothing, what the record at its place says, or something else. */
const knowledge = fc.constantFrom('nothing', 'the length', 'another length')

const touch = fc.array(fc.record({ at: place, later: leap, knowledge }), { maxLength: 4 }).map((batch) =>
  named(`touch ${batch.map(({ at, later }) => `${at} by ${later} ms`).join(', ')}`, async (pair) => {
    const touches = batch.map(({ at, later, knowledge: known }) => {
      const { idleTimeout } = pair.baseAt(at)
      const length = known === 'the length' ? idleTimeout : idleTimeout + 1
      return {
        key: pair.keyAt(at),
        idleUntil: pair.model.now + later,
        ...(known === 'nothing' ? {} : { idleTimeout: length }),
      }
    })
    await pair.write(async () => {
      await pair.trial.touch(...touches)
      pair.model.touch(touches)
    })
  }),
)

const terms = { off, grace: fc.constantFrom(0, 5_000, 50_000), isFresh: fc.constantFrom(true, true, true, false) }

const renew = fc.record({ from: place, to: place, changes, ...terms }).map(({ from, to, ...given }) =>
  named(`renew ${from} to ${to} ${given.off === 0 ? '' : 'at another revision'}`, async (pair) => {
    const { model, trial } = pair
    const base = pair.baseAt(from)
    if (given.isFresh) pair.rekey(to)
    const expected = base.revision + given.off
    const idleUntil = model.now + given.changes.idleTimeout
    const record = nextOf(base, expected, { ...given.changes, idleUntil, key: pair.keyToFill(to) })
    const renewal = { ...sampleRenewal(base, model.now, { grace: given.grace, record }), expected }
    await pair.write(async () => {
      pair.compare('renew', await trial.renew(renewal), model.renew(renewal), record)
    })
  }),
)

const end = place.map((at) =>
  named(`end ${at}`, async (pair) => {
    const { model, trial } = pair
    const key = pair.keyAt(at)
    const tombstone = sampleTombstone(model.now)
    await pair.write(() =>
      pair.ending(async () => {
        pair.compare('end', await trial.end(key, tombstone), model.end(key, tombstone))
      }),
    )
  }),
)

const advance = leap.map((ms) =>
  named(`advance ${ms} ms`, async ({ model, trial }) => {
    model.now += ms
    await trial.reach(model.now)
  }),
)

const retry = fc.nat(4).map((back) => named(`retry the write ${back} before the last`, (pair) => pair.retry(back)))

const trim = fc.array(fc.record({ at: place, later: leap }), { maxLength: 3 }).map((batch) =>
  named(`trim ${batch.map(({ at, later }) => `${at} to ${later} ms from now`).join(', ')}`, async (pair) => {
    const { model, trial } = pair
    if (!TRIMMABLE.isIn(trial.store)) return
    const trims = batch.map(({ at, later }) => ({ key: pair.keyAt(at), until: model.now + later }))
    await trial.store.trim(trims, trial.call())
    model.trim(trims)
  }),
)

const sweep = fc.constant(named('sweep', async ({ trial }) => void (await trial.store.sweep?.(trial.call()))))

/** Steps of every kind. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: create },
  { weight: 6, arbitrary: update },
  { weight: 2, arbitrary: touch },
  { weight: 4, arbitrary: renew },
  { weight: 2, arbitrary: end },
  { weight: 3, arbitrary: advance },
  { weight: 4, arbitrary: retry },
  { weight: 2, arbitrary: trim },
  { weight: 1, arbitrary: sweep },
)

/** Makes a step that is called by its name in the report of a failure. */
function named(name: string, take: Step['take']): Step {
  return Object.assign({ take }, { [fc.toStringMethod]: () => name })
}
