import { proveMinimalProgram } from 'example-harness/minimal-program'

proveMinimalProgram('Fastify', new URL('../src/main.ts', import.meta.url))
