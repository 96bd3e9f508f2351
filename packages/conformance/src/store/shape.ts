import assert from 'node:assert/strict'
import { PINGABLE } from './powers.ts'
import type { StoreTheme } from './store-case.ts'

const VERBS = ['load', 'create', 'update', 'touch', 'renew', 'end'] as const

/** What a store says of itself. */
export const shapeTheme: StoreTheme = {
  name: 'shape',
  cases: [
    {
      rule: 'a store has a name, its capabilities and the six verbs',
      async prove({ store }) {
        assert.equal(typeof store.name, 'string')
        assert.notEqual(store.name, '')
        assert.equal(typeof store.capabilities.isShared, 'boolean')
        assert.equal(typeof store.capabilities.isDurable, 'boolean')
        for (const verb of VERBS) assert.equal(typeof store[verb], 'function', `${verb} must be a function`)
      },
    },
    {
      rule: 'an optional power is there as a whole, or not at all',
      async prove({ store }) {
        for (const power of ['listSubject', 'sweep', 'ping', 'close', 'reset'] as const) {
          assert.ok(['function', 'undefined'].includes(typeof store[power]), `${power} must be a function or missing`)
        }
        if (store.clock !== undefined) assert.ok(Number.isFinite(store.clock.now()), 'a clock must tell the time')
        const generation = [typeof store.generation, typeof store.raiseGeneration]
        assert.equal(generation[0], generation[1], 'generation and raiseGeneration must be there together')
        const feed = [store.feeds, store.subscribe, store.isFeedHealthy]
        if (feed.every((member) => member === undefined)) return
        assert.ok(store.feeds === 'all' || store.feeds === 'ends', "feeds must be 'all' or 'ends'")
        assert.equal(typeof store.subscribe, 'function')
        assert.equal(typeof store.isFeedHealthy, 'function')
      },
    },
    {
      rule: 'a ping of a store that answers resolves',
      power: PINGABLE,
      async prove(trial) {
        const { store } = trial
        assert.ok(PINGABLE.isIn(store))
        const ping = (): Promise<void> => store.ping(trial.call())
        await assert.doesNotReject(ping())
        await assert.doesNotReject(Promise.all([ping(), ping(), ping()]))
      },
    },
  ],
}
