import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { dirname } from 'node:path'

/** An example that runs in a child process, as `npm start` would run it. */
export interface Program {
  readonly url: string
  /** Everything that it has printed so far. */
  output(): string
  /** Resolves when it has printed that text; rejects when it ends without. */
  printed(text: string): Promise<void>
  /** Sends the signal and answers the exit code, `null` if the signal itself ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts a program on a free port and resolves when it has printed its URL. */
export async function startProgram(file: string, env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, ['--conditions=@holdfast/source', file], {
    cwd: dirname(file),
    env: { ...process.env, PORT: String(port), NODE_ENV: 'development', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const print = (chunk: Buffer): void => {
    output += chunk
    child.emit('printed')
  }
  child.stdout.on('data', print)
  child.stderr.on('data', print)

  const program: Program = {
    url,
    output: () => output,
    printed: async (text) => {
      while (!output.includes(text)) {
        if (hasEnded(child)) throw new Error(`The program ended without printing "${text}":\n${output}`)
        await Promise.race([once(child, 'printed'), once(child, 'close')])
      }
    },
    stop: async (signal = 'SIGTERM') => {
      if (!hasEnded(child)) {
        child.kill(signal)
        await once(child, 'close')
      }
      return child.exitCode
    },
  }
  await program.printed(url)
  return program
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
