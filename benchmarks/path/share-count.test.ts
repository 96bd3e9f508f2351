import { describe, expect, it } from 'vitest'

import { ShareCount } from './share-count.ts'

const SAMPLES = `
MainThread
	    7f0000000001 Builtins_CreateTypedArray
	    7f0000000002 JS:*'patched file:///app/packages/core/dist/index.js:130:10
	    7f0000000003 JS:^run node:internal/process/task_queues:72:35

MainThread
	    7f0000000002 JS:*'patched file:///app/packages/core/dist/index.js:130:10

MainThread
	    7f0000000004 llhttp__internal__run

V8Worker
	    7f0000000005 JS:~other node:fs:1:1

`

describe('shares', () => {
  it('are those of the innermost JavaScript function, with what it called, on the main thread', () => {
    const shares = new ShareCount()
    for (const line of SAMPLES.slice(1).split('\n')) shares.read(line)
    expect(shares.report(9).split('\n')).toEqual([
      '66.67 patched packages/core/dist/index.js:130:10 | CreateTypedArray 33.33, itself 33.33',
      '33.33 (no JavaScript) | llhttp__internal__run 33.33',
      '',
      '66.67 packages/core',
      '33.33 other',
    ])
  })
})
