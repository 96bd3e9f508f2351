import { runStages } from '../lib/stages.ts'
import { runVitest } from '../lib/vitest.ts'

const counts = { passed: 0, failed: 0 }

await runStages([{ name: 'unit tests', work: () => runVitest('unit', counts, process.argv.slice(2)) }])
