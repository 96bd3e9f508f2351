import { PEERS } from '#peers'

import { HOLDFAST } from './holdfast/index.ts'
import { LATENCY } from './hop.ts'
import { formatTable } from './table.ts'
import { compete, type Result } from './tournament.ts'

// Otherwise each engine would say that it is unset.
process.env.NODE_ENV ??= 'development'

const rounds = Number(process.env.ROUNDS ?? 100)

console.log(
  `${rounds} rounds of each race. A distant store reads in ${LATENCY.read} ms and writes in ${LATENCY.write} ms.\n`,
)
const results: Result[] = []
for (const contender of [...PEERS, ...HOLDFAST]) results.push(await compete(contender, rounds))
console.log(formatTable(results))
