import { proveMinimalProgram } from 'example-harness/minimal-program'

proveMinimalProgram('Express', new URL('../src/main.ts', import.meta.url))
