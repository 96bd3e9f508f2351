/** `faults [redis | postgres]`: every fault of docs/reliability.md, one file after another, so that all is measured alike. */
import { runStages } from '../lib/stages.ts'
import { runVitest } from '../lib/vitest.ts'

const counts = { passed: 0, failed: 0 }
const [store, ...rest] = process.argv.slice(2)
const stores = store === undefined ? ['redis', 'postgres'] : [store]

await runStages(
  stores.map((name) => ({
    name: `faults of ${name}`,
    work: () => runVitest('int', counts, [`test/fleet/${name}-`, '--no-file-parallelism', ...rest]),
  })),
)
