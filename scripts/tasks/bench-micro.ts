import { runBenchmark } from '../lib/benchmarks.ts'

// It measures parts of core that no package exports.
await runBenchmark('benchmarks/micro/main.ts', process.argv.slice(2), 'sources')
