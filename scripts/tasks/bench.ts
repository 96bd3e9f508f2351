import { runBenchmark } from '../lib/benchmarks.ts'

await runBenchmark('benchmarks/src/main.ts', process.argv.slice(2), 'as told')
