import { proveMinimalProgram } from 'example-harness/minimal-program'

proveMinimalProgram('Koa', new URL('../src/main.ts', import.meta.url))
