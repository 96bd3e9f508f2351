import { RACES } from './races.ts'
import type { Result } from './tournament.ts'

/** Lays results out as a Markdown table. */
export function formatTable(results: readonly Result[]): string {
  const titles = RACES.map(({ title }) => title)
  const rows = [
    ['library', 'store', ...titles],
    ...results.map(({ name, store, losses }) => [name, store, ...titles.map((title) => String(losses[title]))]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const isNumber = (column: number): boolean => column >= 2
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell[isNumber(column) ? 'padStart' : 'padEnd'](widths[column] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width, column) => '-'.repeat(width + 1) + (isNumber(column) ? ':' : '-')).join('|')}|`
  const [head = [], ...body] = rows
  return [line(head), rule, ...body.map(line)].join('\n')
}
