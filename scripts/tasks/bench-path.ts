import { runBenchmark } from '../lib/benchmarks.ts'

await runBenchmark('benchmarks/path/main.ts', process.argv.slice(2), 'as told')
