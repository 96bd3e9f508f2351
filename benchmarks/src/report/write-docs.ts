/** Renews the part of docs/benchmarks.md that comes from numbers, its plots, and the numbers themselves. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Results } from '../results.ts'
import { plotsOf } from './plots.ts'
import { tablesOf } from './table.ts'

const DOCS = fileURLToPath(new URL('../../../docs', import.meta.url))
const START = '<!-- results: `npm run bench -- --write` -->'
const END = '<!-- end of results -->'
const FOLDER = 'benchmarks'
const GIB = 2 ** 30

export function writeDocs(results: Results): void {
  const folder = path.join(DOCS, FOLDER)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'results.json'), `${JSON.stringify(results)}\n`)
  for (const { file, svg } of plotsOf(results)) writeFileSync(path.join(folder, file), svg)
  const page = path.join(DOCS, 'benchmarks.md')
  writeFileSync(page, withSection(readFileSync(page, 'utf8'), sectionOf(results)))
}

/** Puts a section between the marks of a page. */
export function withSection(page: string, section: string): string {
  const start = page.indexOf(START)
  const end = page.indexOf(END)
  if (start === -1 || end === -1) throw new Error(`docs/benchmarks.md lacks the marks ${START} and ${END}.`)
  return `${page.slice(0, start + START.length)}\n\n${section.trim()}\n\n${page.slice(end)}`
}

function sectionOf(results: Results): string {
  const { machine, conditions, takenAt } = results
  const { invocations, rounds, seconds, rate } = conditions
  const facts = [
    `Taken on ${takenAt.slice(0, 10)}: ${machine.cpus} CPUs (${machine.cpu}), ${(machine.memory / GIB).toFixed(0)} GiB, ` +
      `${machine.platform}, Node ${machine.node}.`,
    `Loads by ${conditions.load}, ${conditions.isPinned ? 'the server on a CPU of its own' : 'without pinning'}; ` +
      `${invocations} invocations in fresh processes, ${rounds} rounds of ${seconds} s each; open loops at ${rate} requests/s.`,
    conditions.countsInstructions
      ? 'Instructions are those of the server, user and kernel.'
      : 'This machine has no instruction counters, so that column is empty.',
  ]
  const plots = plotsOf(results).map(({ file, alt }) => `![${alt}](${FOLDER}/${file})\n`)
  return `${facts.join(' ')}\nThe numbers as they were measured: [results.json](${FOLDER}/results.json).\n\n${plots.join('\n')}\n${tablesOf(results)}`
}
