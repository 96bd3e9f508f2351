import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cookieSessions, createSessions, isHoldfastError, memoryStore, StoreError } from '@holdfast/core'
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

// What one copy has sealed into a cookie opens in the other.
const keys = ['kX9vTq2LmZ7RwB4nYc8HsPdJ5fGt3UaE6oVi1QxKzWy']
let cookie
const sealing = await cookieSessions({ keys }).open({
  header: () => undefined,
  secure: false,
  appendHeader: (name, value) => {
    if (name === 'Set-Cookie') cookie = value.split(';')[0]
  },
})
sealing.login('ann')
await sealing.commit()
const opening = await required.cookieSessions({ keys }).open({ header: () => cookie, secure: false })
assert.equal(opening.subject, 'ann')
