import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { StoreChange } from '@holdfast/core'
import { patience } from './patience.ts'
import { CHANGE_FEED, FEED_OF_ALL } from './powers.ts'
import { LONG_IDLE, nextRecord, sampleTombstone } from './sample.ts'
import type { StoreTheme } from './store-case.ts'
import type { Trial } from './trial.ts'

/** How long a change may be on its way, in milliseconds, on a machine that is not late itself. */
const PATIENCE = 2_000

const PAUSE = 20

/** A listener that remembers what it was told. */
interface Ear {
  readonly heard: readonly StoreChange[]
  /** Resolves with the first change, past or to come, that fits. */
  hear(what: string, fits: (change: StoreChange) => boolean): Promise<StoreChange>
  unsubscribe(): void
}

export const changeFeedTheme: StoreTheme = {
  name: 'change feed',
  cases: [
    {
      rule: 'the feed tells of an end, with key, reason and id',
      power: CHANGE_FEED,
      async prove(trial) {
        const { key, id } = await trial.given()
        const ear = await listen(trial)
        await trial.end(key, sampleTombstone(trial.now(), { id, reason: 'logout' }))
        const change = await ear.hear('the end', (each) => each.type === 'ended' && each.key === key)
        assert.deepEqual(change, { type: 'ended', key, reason: 'logout', id })
      },
    },
    {
      rule: 'the feed tells of a renewal, with the old key and the successor',
      power: CHANGE_FEED,
      async prove(trial) {
        const base = await trial.given()
        const ear = await listen(trial)
        const { key, record } = await trial.givenRenewal(base)
        const change = await ear.hear('the renewal', (each) => each.type === 'renewed' && each.key === key)
        assert.deepEqual(change, { type: 'renewed', key, successor: record.key })
      },
    },
    {
      rule: 'the feed tells of a renewal by age what it tells of any other, and never the sealed token',
      power: CHANGE_FEED,
      async prove(trial) {
        const base = await trial.given()
        const ear = await listen(trial)
        const { key, record } = await trial.givenRenewal(base, { grace: 10_000 })
        const change = await ear.hear('the renewal', (each) => each.type === 'renewed' && each.key === key)
        assert.deepEqual(change, { type: 'renewed', key, successor: record.key })
      },
    },
    {
      rule: 'the feed tells of the end of a session that was ended by its old key',
      power: CHANGE_FEED,
      async prove(trial) {
        const first = await trial.givenRenewal(await trial.given())
        const second = await trial.givenRenewal(first.record)
        const ear = await listen(trial)
        await trial.end(first.key)
        await ear.hear('the end', ({ type, key }) => type === 'ended' && key === second.record.key)
      },
    },
    {
      rule: 'the feed of all changes tells of every create and update, with the revision',
      power: FEED_OF_ALL,
      async prove(trial) {
        const ear = await listen(trial)
        const record = await trial.given()
        await trial.update(nextRecord(record))
        for (const revision of [1, 2]) {
          await ear.hear(
            `revision ${revision}`,
            (each) => each.type === 'changed' && each.key === record.key && each.revision === revision,
          )
        }
      },
    },
    {
      rule: 'the feed misses no change of many that happen at once',
      power: CHANGE_FEED,
      async prove(trial) {
        const records = await Promise.all(Array.from({ length: 40 }, () => trial.given()))
        const ear = await listen(trial)
        await Promise.all(records.map(({ key }) => trial.end(key)))
        await Promise.all(
          records.map((record) => ear.hear('each end', ({ type, key }) => type === 'ended' && key === record.key)),
        )
      },
    },
    {
      rule: 'the feed never tells of a touch',
      power: CHANGE_FEED,
      async prove(trial) {
        const ear = await listen(trial)
        const [touched, marker] = [await trial.given(), await trial.given()]
        if (FEED_OF_ALL.isIn(trial.store)) await ear.hear('the create', ({ key }) => key === touched.key)
        const before = ear.heard.length
        await trial.touch({ key: touched.key, idleUntil: trial.now() + LONG_IDLE * 2 })
        await trial.end(marker.key)
        await ear.hear('the marker', ({ key }) => key === marker.key)
        const told = ear.heard.slice(before).filter(({ key }) => key === touched.key)
        assert.deepEqual(told, [], 'a touch must not be told')
      },
    },
    {
      rule: 'the feed tells every listener, and none that has unsubscribed',
      power: CHANGE_FEED,
      async prove(trial) {
        const [one, two] = [await trial.given(), await trial.given()]
        const [gone, stays, other] = [await listen(trial), await listen(trial), await listen(trial)]
        await trial.end(one.key)
        for (const ear of [gone, stays, other]) await ear.hear('the first end', ({ key }) => key === one.key)
        gone.unsubscribe()
        gone.unsubscribe()
        await trial.end(two.key)
        for (const ear of [stays, other]) await ear.hear('the second end', ({ key }) => key === two.key)
        const told = gone.heard.filter(({ key }) => key === two.key)
        assert.deepEqual(told, [], 'a listener that has unsubscribed must not be told')
      },
    },
  ],
}

/** Subscribes, and waits until the feed says that it misses nothing. */
async function listen({ store }: Trial): Promise<Ear> {
  assert.ok(CHANGE_FEED.isIn(store))
  const heard: StoreChange[] = []
  const waiting = new Set<() => void>()
  const unsubscribe = store.subscribe((change) => {
    if (change.type === 'state') return
    heard.push(change)
    for (const look of waiting) look()
  })
  for (let waited = 0; !store.isFeedHealthy() && waited < PATIENCE; waited += PAUSE) await wait(PAUSE)
  assert.ok(store.isFeedHealthy(), `a feed must become healthy within ${PATIENCE} ms of being listened to`)
  return {
    heard,
    unsubscribe,
    hear(what, fits) {
      return new Promise((resolve, reject) => {
        const isHeard = new AbortController()
        const look = (): void => {
          const change = heard.find(fits)
          if (change === undefined) return
          waiting.delete(look)
          isHeard.abort()
          resolve(change)
        }
        waiting.add(look)
        look()
        patience(PATIENCE, isHeard.signal).then(
          () => reject(new assert.AssertionError({ message: `the feed must tell of ${what} within ${PATIENCE} ms` })),
          () => undefined,
        )
      })
    },
  }
}
