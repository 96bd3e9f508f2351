import type { Endured } from './endured.ts'

const ms = (value: number): string => `${Math.round(value)} ms`

/** Prints what was measured as a row of the table in docs/reliability.md. */
export function report(fault: string, measured: Endured): void {
  const { answers, refused, slowestRead, slowestWrite, servingAfter, gap, closed, kept, lost, growth, loopDelay } =
    measured
  const cells = [
    fault,
    `${answers} (${refused})`,
    `${ms(slowestRead)} / ${ms(slowestWrite)}`,
    ms(gap),
    ms(servingAfter),
    `${kept} / ${closed} / ${lost}`,
    ms(loopDelay),
    `${(growth / 2 ** 20).toFixed(1)} MiB`,
  ]
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}
