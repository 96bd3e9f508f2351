/**
 * `canary [filter]`: all tests once more, with debug switches on and a look whether a token or a key is told anywhere.
 * `npm test` has the shorter look of packages/testkit/test/canary, which also knows values and what servers log.
 */
import { runStages } from '../lib/stages.ts'
import { runVitest } from '../lib/vitest.ts'

const counts = { passed: 0, failed: 0 }
const args = process.argv.slice(2)

process.env['HOLDFAST_CANARY'] = 'yes'
await runStages([
  { name: 'unit tests', work: () => runVitest('unit', counts, args) },
  { name: 'integration tests', work: () => runVitest('int', counts, args) },
])
