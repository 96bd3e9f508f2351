import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import vm from 'node:vm'
import { watchSession } from '@holdfast/client'
import { prove } from './prove-client.cjs'

await prove(globalThis, watchSession)

// What a script tag gets has nothing to import from.
const page = vm.createContext({ setTimeout, clearTimeout, AbortSignal })
vm.runInContext(readFileSync('node_modules/@holdfast/client/dist/index.global.js', 'utf8'), page)
await prove(page, page.holdfast.watchSession)
assert.equal(globalThis.holdfast, undefined)
