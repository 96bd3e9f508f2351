import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runTool } from '../lib/command.ts'
import { blocksOfPage, blocksOfSource, placeOf, programsOf, type Listing } from '../lib/doc-blocks.ts'
import { brokenLinks } from '../lib/doc-links.ts'
import { Failure, runStages, runTogether } from '../lib/stages.ts'
import { root } from '../lib/workspace.ts'
import { generateErrors } from './generate-errors.ts'

const ERRORS_PAGE = path.join(root, 'docs/errors.md')

/** Lies in `docs/`, whose package.json brings everything that the examples of the docs import. */
const LISTINGS = path.join(root, 'docs/.cache')

/** Checks that every example of the docs compiles, that every link leads somewhere, and that errors.md is current. */
export function checkDocs(): Promise<string> {
  return runTogether([
    { name: 'examples', work: compileExamples },
    { name: 'links', work: checkLinks },
    { name: 'errors.md', work: checkErrorsPage },
  ])
}

async function compileExamples(): Promise<string> {
  const pages = pageFiles().map((file) => blocksOfPage(file, read(file)))
  const docstrings = globSync('packages/*/src/**/*.ts', { cwd: root }).flatMap((file) =>
    blocksOfSource(file, read(file)),
  )
  const parts = [...pages, ...docstrings].map(programsOf)
  const programs = [parts.flatMap(({ plain }) => plain), ...parts.flatMap(({ augmenting }) => augmenting)]
  rmSync(LISTINGS, { recursive: true, force: true })
  const findings: string[] = []
  for (const [index, listings] of programs.entries()) findings.push(...(await compile(`${index}`, listings)))
  if (findings.length > 0) throw new Failure(findings.join('\n'))
  return `${programs.flat().length} blocks in ${programs.length} programs`
}

async function compile(name: string, listings: readonly Listing[]): Promise<string[]> {
  const folder = path.join(LISTINGS, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }),
  )
  for (const [index, { code }] of listings.entries()) writeFileSync(path.join(folder, `${index}.ts`), code)
  const args = ['-p', folder, '--pretty', 'false']
  const { code, output } = await runTool('@typescript/native', args, { cwd: folder })
  if (code === 0) return []
  const findings = output
    .trim()
    .split('\n')
    .flatMap((line) => toFinding(line, listings))
  return findings.length > 0 ? findings : [output.trim()]
}

function toFinding(line: string, listings: readonly Listing[]): string[] {
  const [, index, row, message] = /^(\d+)\.ts\((\d+),\d+\): (.*)$/.exec(line) ?? []
  const listing = listings[Number(index)]
  if (listing === undefined) return [line.replace(/^(\.\.\/)+/, '')]
  const place = placeOf(listing, Number(row))
  return place === undefined ? [] : [`${place}: ${message}`]
}

function checkLinks(): Promise<string> {
  const files = pageFiles()
  const findings = files.flatMap((file) => brokenLinks(root, file))
  if (findings.length > 0) return Promise.reject(new Failure(findings.join('\n')))
  return Promise.resolve(`${files.length} pages`)
}

function checkErrorsPage(): Promise<string> {
  const page = globSync(ERRORS_PAGE).length === 1 ? readFileSync(ERRORS_PAGE, 'utf8') : ''
  if (page === generateErrors()) return Promise.resolve('')
  return Promise.reject(new Failure('docs/errors.md is out of date. `npm run docs:check -- --write` writes it anew.'))
}

function pageFiles(): string[] {
  const globs = ['*.md', 'docs/**/*.md', '{packages,examples}/*/README.md', 'benchmarks/*.md']
  return globSync(globs, { cwd: root, exclude: ['**/node_modules/**'] }).toSorted()
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

if (import.meta.main) {
  if (process.argv.includes('--write')) writeFileSync(ERRORS_PAGE, generateErrors())
  await runStages([{ name: 'docs', work: checkDocs }])
}
