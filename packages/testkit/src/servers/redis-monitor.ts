import { randomUUID } from 'node:crypto'

import { Redis } from 'ioredis'

/** A command that a server carried out. */
export interface SeenCommand {
  /** The name, in capitals, and the arguments. */
  readonly command: readonly string[]
  /** Whether a script called it, rather than a client. */
  readonly isFromScript: boolean
}

/** Watches what a Redis is told, by MONITOR. */
export interface RedisMonitor {
  /** All commands so far, but those by which clients introduce themselves. Only right when {@link settle} has resolved. */
  readonly commands: readonly SeenCommand[]
  /** Waits until all is seen that was carried out before. */
  settle(): Promise<void>
  /** Forgets what it has seen. */
  forget(): void
  stop(): void
}

const INTRODUCTIONS = new Set(['HELLO', 'AUTH', 'CLIENT', 'INFO', 'SELECT', 'MONITOR'])

/** Starts a {@link RedisMonitor}. */
export async function monitorRedis(url: string): Promise<RedisMonitor> {
  const marking = new Redis(url)
  const watching = await marking.monitor()
  let commands: SeenCommand[] = []
  const marks = new Map<string, () => void>()
  watching.on('monitor', (_time: string, [name = '', ...values]: string[], source: string) => {
    const [first = ''] = values
    const mark = marks.get(first)
    if (mark !== undefined) mark()
    else if (!INTRODUCTIONS.has(name.toUpperCase())) {
      commands.push({ command: [name.toUpperCase(), ...values], isFromScript: source === 'lua' })
    }
  })
  return {
    get commands() {
      return commands
    },
    settle: async () => {
      const mark = randomUUID()
      const seen = new Promise<void>((resolve) => {
        marks.set(mark, resolve)
      })
      await Promise.all([marking.echo(mark), seen])
      marks.delete(mark)
    },
    forget: () => {
      commands = []
    },
    stop: () => {
      watching.disconnect()
      marking.disconnect()
    },
  }
}
