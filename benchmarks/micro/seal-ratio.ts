/**
 * `node benchmarks/micro/seal-ratio.ts`: how much more CPU time other seals take than GCM, sealing and opening once.
 *
 * All ways take turns, there and back, and the ratio is that of one round. So it means something on a machine that does
 * other things too, which `npm run bench:micro` does not.
 */
import { median, quantile } from '../src/statistics.ts'
import { type SealCase, sealCases } from './seal-cases.ts'

const ROUNDS = 41
const CALLS = 300

/** Answers the CPU time of sealing and opening once, in microseconds, on all threads. */
async function cost({ seal, open }: SealCase): Promise<number> {
  const before = process.cpuUsage()
  for (let call = 0; call < CALLS; call++) await open(await seal())
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

for (const size of ['350', '4k'] as const) {
  const cases = sealCases(size)
  const costs = cases.map((): number[] => [])
  for (const one of cases) await cost(one)
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? [...cases.keys()] : [...cases.keys()].toReversed()
    for (const index of order) costs[index]!.push(await cost(cases[index]!))
  }
  for (const [index, { name, seal }] of cases.entries()) {
    const ratios = costs[index]!.map((one, round) => one / costs[0]![round]!)
    const [low, high] = [quantile(ratios, 0.25), quantile(ratios, 0.75)]
    const length = (await seal()).length
    process.stdout.write(
      `${size}, ${name}: ${median(costs[index]!).toFixed(1)} µs, ${median(ratios).toFixed(1)} times GCM ` +
        `(quartiles ${low.toFixed(1)} to ${high.toFixed(1)}), ${length} characters\n`,
    )
  }
}
