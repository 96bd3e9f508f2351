import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { root } from './lib/workspace.ts'

describe('scripts/run.mjs', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'lets %s to `npm start` reach the app, and ends as it ends',
    async (signal) => {
      const npm = start('npm', ['start'])
      await saying(npm, 'The shop is open')
      npm.kill(signal)
      await saying(npm, 'Closed.')
      expect(await ended(npm)).toBe(0)
    },
  )

  it('stops the app when the shell before it dies', async () => {
    const shell = start('sh', ['-c', 'node scripts/run.mjs start; true'])
    await saying(shell, 'The shop is open')
    shell.kill('SIGTERM')
    await saying(shell, 'Closed.')
  })

  it('passes the exit code of a task through', async () => {
    expect(await ended(start('node', ['scripts/run.mjs', 'bench', '--source', '--only', 'nobody']))).toBe(1)
  })

  it('names the tasks when it is asked for another', async () => {
    const child = start('node', ['scripts/run.mjs', 'tset'])
    await saying(child, 'There is no task "tset". There are: start, test,')
    expect(await ended(child)).toBe(1)
  })
})

function start(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, { cwd: root, env: { ...process.env, HOST: '127.0.0.1', PORT: '0' } })
}

/** Resolves when the program has said something, on either channel, and rejects if it falls silent before. */
function saying({ stdout, stderr }: ChildProcess, wanted: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    for (const channel of [stdout, stderr]) {
      channel?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes(wanted)) resolve()
      })
    }
    stdout?.once('end', () => reject(new Error(`It never said "${wanted}", but:\n${said}`)))
  })
}

async function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null) return child.exitCode
  const [code] = (await once(child, 'exit')) as unknown[]
  return code
}
