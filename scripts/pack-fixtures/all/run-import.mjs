import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
for (const name of Object.keys(dependencies)) assert.ok(Object.keys(await import(name)).length > 0, `${name} is empty`)
