import { runTool, type CommandOptions } from './command.ts'

/** Work that can fail. Answers a note for the summary. Fails by throwing a {@link Failure}. */
type Work = () => Promise<string>

/** A named piece of work. */
export interface Stage {
  readonly name: string
  readonly work: Work
}

/** A piece of work found what it looks for. Its message is printed as it is, without a stack. */
export class Failure extends Error {
  override readonly name: string = 'Failure'
}

/**
 * Runs stages one after another, stops at the first failure, prints a summary, and sets the exit code. Why a stage failed
 * is printed once more at the very end: a log is often kept, or read, only from there.
 */
export async function runStages(stages: readonly Stage[], closing?: () => string): Promise<void> {
  const lines: string[] = []
  let failed: string | undefined
  let reason = ''
  const startedAt = performance.now()
  for (const { name, work } of stages) {
    if (failed !== undefined) {
      lines.push(summaryLine('-', name, 'not run'))
      continue
    }
    console.log(`\n> ${name}`)
    const stageStartedAt = performance.now()
    try {
      const note = await work()
      lines.push(summaryLine('✓', name, secondsSince(stageStartedAt), note))
    } catch (error) {
      failed = name
      reason = error instanceof Failure ? error.message : String(error)
      console.error(error instanceof Failure ? reason : error)
      lines.push(summaryLine('✗', name, secondsSince(stageStartedAt), 'FAILED'))
    }
  }
  console.log(`\n${lines.join('\n')}`)
  if (closing !== undefined) console.log(`\n${closing()}`)
  console.log(failed === undefined ? `\nok in ${secondsSince(startedAt)}` : `\nFAILED: ${failed}\n${reason}`)
  process.exitCode = failed === undefined ? 0 : 1
}

/** Runs stages at the same time, prints a line for each as it ends, and fails with all that failed. */
export async function runTogether(stages: readonly Stage[]): Promise<string> {
  const failures: string[] = []
  const runStage = async ({ name, work }: Stage): Promise<void> => {
    const startedAt = performance.now()
    try {
      const note = await work()
      console.log(summaryLine('✓', name, secondsSince(startedAt), note))
    } catch (error) {
      failures.push(name)
      console.log(summaryLine('✗', name, secondsSince(startedAt), 'FAILED'))
      console.error(error instanceof Failure ? error.message : error)
    }
  }
  await Promise.all(stages.map(runStage))
  if (failures.length > 0) throw new Failure(`Failed: ${failures.join(', ')}.`)
  return `${stages.length} of ${stages.length}`
}

/** Makes a stage of a tool that prints what is wrong and exits with another code than 0. */
export function toolStage(name: string, packageName: string, args: readonly string[], options?: CommandOptions): Stage {
  const work = async (): Promise<string> => {
    const { code, output } = await runTool(packageName, args, options)
    if (code !== 0) throw new Failure(output.trimEnd())
    return ''
  }
  return { name, work }
}

function summaryLine(mark: string, name: string, ...rest: readonly string[]): string {
  return `${mark} ${name.padEnd(24)} ${rest.filter((text) => text !== '').join('   ')}`
}

function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
}
