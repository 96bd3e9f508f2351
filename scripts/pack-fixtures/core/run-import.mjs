import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createSessions, isHoldfastError, memoryStore, StoreError } from '@holdfast/core'
import required from './run-require.cjs'

assert.ok(typeof createSessions({ store: memoryStore() }).open === 'function')

// The two copies of the library recognise each other's errors.
assert.notEqual(StoreError, required.StoreError)
assert.ok(isHoldfastError(new required.StoreError('ERR_STORE_DOWN', 'Down.')))
assert.ok(required.isHoldfastError(new StoreError('ERR_STORE_DOWN', 'Down.')))

// The program prints a secret, and a new one each time, whether it is run by npx or by its own name.
const keygen = (program, ...args) => execFileSync(program, [...args, 'keygen'], { encoding: 'utf8' })
const secrets = [keygen('npx', '--no', '@holdfast/core'), keygen('node_modules/.bin/holdfast')]
for (const secret of secrets) assert.match(secret, /^[\w-]{43}\n$/)
assert.notEqual(secrets[0], secrets[1])
