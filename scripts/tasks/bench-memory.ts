import { runBenchmark } from '../lib/benchmarks.ts'

// It measures parts of core that no package exports.
await runBenchmark('benchmarks/memory/main.ts', process.argv.slice(2), 'sources', ['--expose-gc'])
