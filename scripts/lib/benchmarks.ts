import { runCommand } from './command.ts'
import { Failure } from './stages.ts'
import { build } from '../tasks/build.ts'

/**
 * Runs a program of `benchmarks/`, on the packages as they are built and published; with `--source`, on their sources.
 *
 * @param conditions whether the program itself needs the sources, whatever it is told
 * @param nodeFlags what Node is started with besides
 */
export async function runBenchmark(
  program: string,
  args: readonly string[],
  conditions: 'as told' | 'sources',
  nodeFlags: readonly string[] = [],
): Promise<void> {
  const isSource = conditions === 'sources' || args.includes('--source')
  try {
    if (!isSource && !args.includes('--help')) console.error(`build: ${await build()}`)
    const flags = isSource ? ['--conditions=@holdfast/source'] : []
    const { code } = await runCommand(process.execPath, [...nodeFlags, ...flags, program, ...args], { isShown: true })
    process.exitCode = code
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
