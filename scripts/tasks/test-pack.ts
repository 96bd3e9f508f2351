import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runCommand, runTool, type CommandResult } from '../lib/command.ts'
import { fingerprint, Stamp } from '../lib/fingerprint.ts'
import { inspectTarball, packAll, runPnpm, type Tarball } from '../lib/tarballs.ts'
import { Failure, runStages } from '../lib/stages.ts'
import { root } from '../lib/workspace.ts'
import { build } from './build.ts'

/** How many apps are installed and run at the same time. */
const CONCURRENCY = 3

/** How much of a failing command's output is shown. */
const LINES_SHOWN = 30

const PACKAGE_MANAGERS = ['npm', 'pnpm'] as const
const NODES = ['node20', 'node'] as const
const FIXTURES = path.join(root, 'scripts/pack-fixtures')

interface Ingredients {
  /** Our packages, by their short names. @default the one that the app is named after */
  readonly ours?: readonly string[]
  /** What else it depends on, as a user of TypeScript would have it. */
  readonly others: Readonly<Record<string, string>>
}

// The declarations of some packages need those of Node.
const NODE_TYPES = { '@types/node': '^24.0.0' }

const APPS: Readonly<Record<string, Ingredients>> = {
  core: { others: {} },
  express: { others: { express: '^5.3.0', '@types/express': '^5.0.6' } },
  koa: { others: { koa: '^3.3.0', '@types/koa': '^3.0.3' } },
  fastify: { others: { fastify: '^5.12.8', ...NODE_TYPES } },
  redis: { ours: ['core', 'redis'], others: { ioredis: '^6.0.0', ioredis5: 'npm:ioredis@^5.9.2', ...NODE_TYPES } },
  postgres: {
    ours: ['core', 'postgres'],
    // PGlite's declarations need those of Emscripten, and say so nowhere.
    others: {
      pg: '^8.23.1',
      '@types/pg': '^8.20.0',
      '@electric-sql/pglite': '^0.5.16',
      '@types/emscripten': '^1.41.6',
      ...NODE_TYPES,
    },
  },
  client: { others: {} },
  all: { others: {} },
}

interface App {
  readonly name: string
  readonly packageManager: (typeof PACKAGE_MANAGERS)[number]
  readonly folder: string
}

/**
 * Packs everything and uses it as strangers do: in empty folders, by npm and by pnpm, on the oldest and the pinned
 * Node, from ESM, CommonJS, strict TypeScript and Jest. Skipped while nothing has changed since it passed, but for CI.
 */
export async function testPack(): Promise<string> {
  await build()
  const wanted = fingerprint([
    'packages/*/{package.json,README.md,dist/**}',
    'scripts/{lib,pack-fixtures}/**',
    'scripts/tasks/test-pack.ts',
    'LICENSE',
    'pnpm-lock.yaml',
  ])
  const stamp = new Stamp('test-pack')
  if (process.env['CI'] !== 'true' && stamp.isCurrent(wanted)) return 'unchanged since it passed (CI=true repeats it)'

  const tarballs = await packAll(path.join(root, '.cache/pack'))
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-pack-'))
  try {
    const apps = PACKAGE_MANAGERS.flatMap((packageManager) =>
      Object.keys(APPS).map((name) => ({ name, packageManager, folder: path.join(folder, packageManager, name) })),
    )
    const findings = await inParallel([
      ...tarballs.map((tarball) => () => inspectTarball(tarball)),
      ...apps.map((app) => () => tryApp(app, tarballs)),
    ])
    if (findings.length > 0) throw new Failure(findings.join('\n\n'))
    stamp.set(wanted)
    return `${tarballs.length} tarballs, ${apps.length} apps`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Installs an app and does everything in it. Answers what went wrong first. */
async function tryApp(app: App, tarballs: readonly Tarball[]): Promise<string[]> {
  writeApp(app, tarballs)
  const installed = await install(app)
  if (installed.code !== 0 || /approve-builds|ignored build scripts/i.test(installed.output)) {
    return [report(app, 'install', installed)]
  }
  for (const [what, run] of attempts(app)) {
    const result = await run()
    if (result.code !== 0) return [report(app, what, result)]
  }
  return []
}

type Attempt = readonly [what: string, run: () => Promise<CommandResult>]

/** Everything to be done with an installed app, by name. */
function attempts({ packageManager, folder }: App): Attempt[] {
  const has = (file: string): boolean => existsSync(path.join(folder, file))
  const env = { ...process.env, NODE_ENV: 'test', NODE_OPTIONS: '' }
  const jest = path.join(root, 'node_modules/jest/bin/jest.js')
  const runs = NODES.flatMap((node): Attempt[] => {
    const program = path.join(root, 'node_modules', node, 'bin/node')
    const run =
      (...args: string[]) =>
      () =>
        runCommand(program, args, { cwd: folder, env })
    return [
      [`import on ${node}`, run('run-import.mjs')],
      [`require on ${node}`, run('run-require.cjs')],
      ...(has('app.test.js') ? [[`Jest on ${node}`, run(jest, '--ci', '--runInBand')] as const] : []),
    ]
  })
  if (!has('types.ts')) return runs
  const compile = (compiler: string, project: string): Attempt => {
    const args = ['-p', `tsconfig.${project}.json`, '--pretty', 'false']
    return [`types (${project}, ${compiler})`, () => runTool(compiler, args, { cwd: folder })]
  }
  const compilations = ['cjs', 'esm', 'bundler'].map((project) => compile('@typescript/native', project))
  // The older compiler takes many times as long and agrees, so it looks once at each app.
  if (packageManager === 'pnpm') compilations.push(compile('typescript', 'esm'))
  return [...runs, ...compilations]
}

/** Fills the folder of an app: its files, what they share, and a package.json that takes our packages from tarballs. */
function writeApp({ name, packageManager, folder }: App, tarballs: readonly Tarball[]): void {
  mkdirSync(folder, { recursive: true })
  cpSync(path.join(FIXTURES, 'shared'), folder, { recursive: true })
  cpSync(path.join(FIXTURES, name), folder, { recursive: true })
  // Once as a CommonJS module, once as an ES module.
  if (existsSync(path.join(folder, 'types.ts'))) cpSync(path.join(folder, 'types.ts'), path.join(folder, 'types.mts'))

  const fileOf = (tarball: Tarball): [string, string] => [tarball.manifest.name, `file:${tarball.file}`]
  const { ours = [name], others } = APPS[name]!
  const packed = tarballs.filter(({ shortName }) => name === 'all' || ours.includes(shortName)).map(fileOf)
  const dependencies: Record<string, string> = { ...Object.fromEntries(packed), ...others }
  // Nothing of ours is in a registry yet, so what our packages depend on among themselves comes from tarballs too.
  const overrides = Object.fromEntries(tarballs.map(fileOf))
  const manifest = { name: `try-${name}`, private: true, dependencies }
  const isNpm = packageManager === 'npm'
  writeJson(path.join(folder, 'package.json'), isNpm ? { ...manifest, overrides } : manifest)
  if (!isNpm) writeJson(path.join(folder, 'pnpm-workspace.yaml'), { overrides })
}

function install({ packageManager, folder }: App): Promise<CommandResult> {
  if (packageManager === 'pnpm') return runPnpm(['install', '--prefer-offline'], folder)
  return runCommand('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder })
}

function report({ name, packageManager }: App, what: string, { code, output }: CommandResult): string {
  const lines = output.trim().split('\n')
  const shown = lines.length > LINES_SHOWN ? [...lines.slice(0, LINES_SHOWN), '…'] : lines
  return `App "${name}" installed by ${packageManager}: ${what} ended with ${code}.\n${shown.join('\n')}`
}

/** Runs work, a few at a time, and answers all that was found. */
async function inParallel(work: readonly (() => Promise<string[]>)[]): Promise<string[]> {
  const queue = [...work]
  const findings: string[] = []
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) findings.push(...(await next()))
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return findings
}

function writeJson(file: string, content: unknown): void {
  writeFileSync(file, JSON.stringify(content, undefined, 2))
}

if (import.meta.main) await runStages([{ name: 'packed packages', work: testPack }])
