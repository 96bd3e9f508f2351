/** `npm run bench`: measures, keeps the numbers, and shows them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { HELP, type RunOptions, readOptions } from './options.ts'
import { tablesOf } from './report/table.ts'
import { writeDocs } from './report/write-docs.ts'
import type { Results } from './results.ts'
import { run } from './run.ts'

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url))

try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') console.log(HELP)
  else await show(options)
} catch (error) {
  console.error(error)
  process.exitCode = 1
}

async function show(options: RunOptions): Promise<void> {
  const results =
    options.from === undefined ? await measure(options) : (JSON.parse(readFileSync(options.from, 'utf8')) as Results)
  console.log(tablesOf(results))
  if (options.writes) writeDocs(results)
}

async function measure(options: RunOptions): Promise<Results> {
  const file = path.resolve(options.json ?? path.join(CACHE, 'bench.json'))
  mkdirSync(path.dirname(file), { recursive: true })
  const results = await run(options, {
    note: (line) => console.error(line),
    keep: (soFar) => writeFileSync(file, `${JSON.stringify(soFar, null, 1)}\n`),
  })
  console.error(`The numbers are in ${path.relative(process.cwd(), file)}.`)
  return results
}
