import { runBenchmark } from '../lib/benchmarks.ts'

await runBenchmark('benchmarks/path/shares.ts', process.argv.slice(2), 'as told')
