import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { Contender } from './contenders.ts'
import { SERVER_CPU, pinned } from './machine/pinning.ts'
import type { Question, Report, Usage } from './server/messages.ts'

const MAIN = fileURLToPath(new URL('./server/main.ts', import.meta.url))
const PATIENCE = 30_000

/** Where contenders may keep records. */
export interface StoreUrls {
  readonly redisUrl: string
  readonly postgresUrl: string
}

export interface LaunchTerms extends StoreUrls {
  readonly isPinned: boolean
  /** Flags of Node for the process, such as `--cpu-prof`. */
  readonly nodeFlags: readonly string[]
}

/** A contender at work in a process of its own. */
export class ContenderProcess {
  readonly contender: Contender
  readonly port: number
  readonly #child: ChildProcess

  private constructor(contender: Contender, child: ChildProcess, port: number) {
    this.contender = contender
    this.#child = child
    this.port = port
  }

  /** Starts one, on the CPU for servers where the machine has one to spare. */
  static async launch(contender: Contender, terms: LaunchTerms): Promise<ContenderProcess> {
    const { module, store } = contender
    // The harness runs on the sources or on what was built, and so does what it measures.
    const flags = [...process.execArgv.filter((flag) => flag.startsWith('--conditions')), ...terms.nodeFlags]
    const command = [process.execPath, ...flags, MAIN, module, store, terms.redisUrl, terms.postgresUrl]
    const [program = '', ...args] = terms.isPinned ? pinned(SERVER_CPU, command) : command
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    const complaints: Buffer[] = []
    child.stderr?.on('data', (chunk: Buffer) => void (complaints.length < 100 && complaints.push(chunk)))
    const started = await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(PATIENCE) }).then(([report]) => report as Report),
      once(child, 'exit').then(() => undefined),
    ])
    if (started?.type !== 'ready') {
      throw new Error(`${contender.name} did not start.\n${Buffer.concat(complaints).toString()}`)
    }
    return new ContenderProcess(contender, child, started.port)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Answers what the process has used so far. */
  async usage(collectsGarbage: boolean = false): Promise<Usage> {
    const answered = once(this.#child, 'message', { signal: AbortSignal.timeout(PATIENCE) })
    this.#tell({ type: 'usage', collectsGarbage })
    const [report] = (await answered) as [Usage]
    return report
  }

  /** Ends the process, by its own id if it does not listen. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    const impatient = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    this.#tell({ type: 'stop' })
    await gone
    clearTimeout(impatient)
  }

  #tell(question: Question): void {
    this.#child.send(question)
  }
}
