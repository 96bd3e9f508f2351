import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import path from 'node:path'
import { readManifest, root } from './workspace.ts'

export interface CommandOptions {
  /** @default the root of the repository */
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Print what the command prints as it comes. Otherwise it is kept for the result. @default false */
  readonly isShown?: boolean
}

export interface CommandResult {
  readonly code: number
  /** What it printed, on both channels. Empty if it was shown. */
  readonly output: string
}

const children = new Set<ChildProcess>()
const FATAL_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

for (const signal of FATAL_SIGNALS) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal)
    process.exit(128 + constants.signals[signal])
  })
}

/** Runs a program to its end and answers how it ended. A signal to this process reaches it. */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd = root, env = process.env, isShown = false }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'] })
    children.add(child)
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (code, signal) => {
      children.delete(child)
      resolve({
        code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
        output: Buffer.concat(chunks).toString(),
      })
    })
  })
}

/** Runs the program of a development dependency on this very Node. */
export function runTool(
  packageName: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<CommandResult> {
  return runCommand(process.execPath, [toolPath(packageName), ...args], options)
}

function toolPath(packageName: string): string {
  const folder = path.join(root, 'node_modules', packageName)
  const { bin } = readManifest(path.join(folder, 'package.json')) as { bin?: string | Record<string, string> }
  const file = typeof bin === 'string' ? bin : (bin?.[path.basename(packageName)] ?? Object.values(bin ?? {})[0])
  if (file === undefined) throw new Error(`${packageName} has no program.`)
  return path.join(folder, file)
}
