/**
 * Runs a task of this repository: `node scripts/run.mjs <task> [arguments]`.
 *
 * Needs nothing but Node and npm: installs from the lockfile if anything changed since the last time, then runs the
 * task on the Node that the lockfile pins. Exit codes and signals pass through.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const isWindows = process.platform === 'win32'
const stamp = path.join(root, 'node_modules', '.holdfast-install')
const pinnedNode = path.join(root, 'node_modules', 'node', 'bin', isWindows ? 'node.exe' : 'node')

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Every program that a task can be. */
const tasks = {
  // The shop takes the types off a module for browsers, by a function of Node that warns of its youth.
  start: ['--disable-warning=ExperimentalWarning', '--conditions=@holdfast/source', 'examples/shop/src/main.ts'],
  test: ['scripts/tasks/test.ts'],
  'test:unit': ['scripts/tasks/test-unit.ts'],
  'test:pack': ['scripts/tasks/test-pack.ts'],
  faults: ['scripts/tasks/faults.ts'],
  canary: ['scripts/tasks/canary.ts'],
  build: ['scripts/tasks/build.ts'],
  check: ['scripts/tasks/check.ts'],
  lint: ['scripts/tasks/lint.ts'],
  fmt: ['scripts/tasks/fmt.ts'],
  'docs:check': ['scripts/tasks/docs-check.ts'],
  bench: ['scripts/tasks/bench.ts'],
  'bench:quick': ['scripts/tasks/bench-quick.ts'],
  'bench:micro': ['scripts/tasks/bench-micro.ts'],
  'bench:path': ['scripts/tasks/bench-path.ts'],
  'bench:memory': ['scripts/tasks/bench-memory.ts'],
  'bench:shares': ['scripts/tasks/bench-shares.ts'],
}

const [task = '', ...rest] = process.argv.slice(2)

requireNode(20, 19)
if (!Object.hasOwn(tasks, task)) stop(`There is no task "${task}". There are: ${Object.keys(tasks).join(', ')}.`)
await install()
await run(pinnedNode, [...tasks[task], ...rest])

/** @param {number} major @param {number} minor */
function requireNode(major, minor) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return
  stop(
    `This is Node ${process.versions.node}; Holdfast needs ${major}.${minor} or later. Get one at https://nodejs.org.`,
  )
}

async function install() {
  const wanted = fingerprint()
  if (existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  console.log(`> installing dependencies with ${packageManager}`)
  // Not asking before it replaces a node_modules that another package manager made.
  await run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'], {
    isLast: false,
    shell: isWindows,
  })
  mkdirSync(path.dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
}

/** Answers a hash of everything that decides what is installed. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'benchmarks/package.json']
  for (const folder of ['packages', 'examples']) {
    if (!existsSync(path.join(root, folder))) continue
    for (const name of readdirSync(path.join(root, folder)).sort()) files.push(`${folder}/${name}/package.json`)
  }
  for (const file of files.filter((name) => existsSync(path.join(root, name)))) {
    hash.update(`\n${file}\n`).update(readFileSync(path.join(root, file)))
  }
  return hash.digest('hex')
}

/**
 * Runs a program to its end. Signals reach it; what it ends with, this process ends with, unless all went well and
 * it is not the last.
 *
 * @param {string} command
 * @param {string[]} args
 */
async function run(command, args, { isLast = true, shell = false } = {}) {
  const bin = [path.dirname(pinnedNode), path.join(root, 'node_modules', '.bin')]
  const ownEnv = {
    PATH: [...bin, process.env.PATH].join(path.delimiter),
    // Tests start some hundred processes that load the same modules: compiled once, they are up in half the time.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, '.cache', 'compile'),
  }
  const child = spawn(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell,
    env: isLast ? { ...process.env, ...ownEnv } : process.env,
  })
  const forward = (signal) => {
    // A terminal has sent Ctrl-C to the child already.
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, forward)
  // npm tells only the shell between itself and this process, and a shell dies without passing it on.
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    forward('SIGTERM')
  }, 500)

  const code = await new Promise((resolve) => {
    child.once('error', (error) => stop(`${command} could not be started: ${error.message}`))
    child.once('exit', (exitCode, signal) => resolve(exitCode ?? 128 + constants.signals[signal]))
  })
  clearInterval(watch)
  for (const signal of SIGNALS) process.off(signal, forward)
  if (isLast || code !== 0) process.exit(code)
}

/** @param {string} message */
function stop(message) {
  console.error(message)
  process.exit(1)
}
