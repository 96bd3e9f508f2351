import { runBenchmark } from '../lib/benchmarks.ts'

await runBenchmark('benchmarks/src/main.ts', ['--quick', ...process.argv.slice(2)], 'as told')
