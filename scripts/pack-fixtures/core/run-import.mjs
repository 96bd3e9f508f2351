import assert from 'node:assert/strict'
import { createSessions, isHoldfastError, memoryStore, StoreError } from '@holdfast/core'
import required from './run-require.cjs'

assert.ok(typeof createSessions({ store: memoryStore() }).open === 'function')

// The two copies of the library recognise each other's errors.
assert.notEqual(StoreError, required.StoreError)
assert.ok(isHoldfastError(new required.StoreError('ERR_STORE_DOWN', 'Down.')))
assert.ok(required.isHoldfastError(new StoreError('ERR_STORE_DOWN', 'Down.')))
