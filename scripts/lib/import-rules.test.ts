import { describe, expect, it } from 'vitest'
import { forbiddenImports } from './import-rules.ts'

const core = 'packages/core/src'

describe('forbiddenImports', () => {
  it.each([
    ['a contract its mechanism', `${core}/contracts/store.ts`, `import type { Guard } from '../mechanisms/guard.ts'`],
    ['a contract a module of Node', `${core}/contracts/store.ts`, `import { createHash } from 'node:crypto'`],
    ['a mechanism the engine', `${core}/mechanisms/guard.ts`, `import { commit } from '../commit.ts'`],
    ['a deep mechanism the engine', `${core}/mechanisms/memory-store/entry.ts`, `export * from '../../session.ts'`],
    ['a mechanism the index', `${core}/mechanisms/guard.ts`, `import { StoreError } from '../index.ts'`],
    ['the engine what wires it', `${core}/commit.ts`, `import type { Sessions } from './sessions.ts'`],
    ['the gate a mechanism', `${core}/node/gate.ts`, `const guard = await import('../mechanisms/guard.ts')`],
    ['a store a value of core', 'packages/redis/src/redis-store.ts', `import { StoreError } from '@holdfast/core'`],
    ['a store a value among types', 'packages/redis/src/keys.ts', `import { type StoreCall } from '@holdfast/core'`],
    ['a binding a store', 'packages/express/src/index.ts', `import { redisStore } from '@holdfast/redis'`],
    ['a binding another binding', 'packages/koa/src/index.ts', `import { x } from '@holdfast/express'`],
    ['a binding another by path', 'packages/koa/src/index.ts', `import { x } from '../../express/src/index.ts'`],
    ['a binding the inside of core', 'packages/koa/src/index.ts', `import { x } from '../../core/src/commit.ts'`],
    ['the browser module core', 'packages/client/src/page.ts', `import type { Session } from '@holdfast/core'`],
    ['the browser module Node', 'packages/client/src/page.ts', `import { hash } from 'node:crypto'`],
    ['conformance a binding', 'packages/conformance/src/index.ts', `type X = import('@holdfast/koa').X`],
  ])('names %s', (_, file, source) => {
    expect(forbiddenImports(file, `\n${source}\n`)).toEqual([expect.stringContaining(`${file}:2 imports '`)])
  })

  it.each([
    [
      'a mechanism its contract',
      `${core}/mechanisms/guard.ts`,
      `import type { StoreCall } from '../contracts/store.ts'`,
    ],
    ['a mechanism another', `${core}/mechanisms/memory-store/entry.ts`, `import { x } from '../token.ts'`],
    ['a mechanism a package', `${core}/mechanisms/value-codec.ts`, `import { Packr } from 'msgpackr'`],
    ['what wires everything', `${core}/sessions.ts`, `import { gate } from './node/gate.ts'`],
    ['a store types of core', 'packages/redis/src/redis-store.ts', `import type { StoreCall } from '@holdfast/core'`],
    ['a binding core', 'packages/express/src/index.ts', `export * from '@holdfast/core'`],
    ['a test anything', `${core}/contracts/errors.test.ts`, `import { createSessions } from '../sessions.ts'`],
  ])('allows %s', (_, file, source) => {
    expect(forbiddenImports(file, source)).toEqual([])
  })
})
