import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { runTool } from './command.ts'
import { Failure } from './stages.ts'
import { root } from './workspace.ts'

/** How many tests ran in this process so far, over all runs. */
export interface TestCounts {
  passed: number
  failed: number
}

/** Runs one project of vitest, shows what it prints, and adds its results to the counts. */
export async function runVitest(
  project: 'unit' | 'int' | 'browser',
  counts: TestCounts,
  args: readonly string[] = [],
): Promise<string> {
  const report = path.join(root, '.cache', `vitest-${project}.json`)
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { code } = await runTool('vitest', ['run', '--project', project, ...reporters, ...args], { isShown: true })
  const { numPassedTests, numFailedTests, testResults } = readReport(report)
  counts.passed += numPassedTests
  counts.failed += numFailedTests
  if (code !== 0) {
    const failures = testResults.flatMap((file) => failuresOf(file))
    throw new Failure([`Tests of the project "${project}" failed.`, ...failures].join('\n'))
  }
  return `${numPassedTests} passed`
}

/** The part that is used here of what vitest's JSON reporter writes. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly FileReport[]
}

interface FileReport {
  readonly name: string
  readonly status: string
  /** Why the file itself could not run, or empty. */
  readonly message: string
  readonly assertionResults: readonly { fullName: string; status: string; failureMessages?: readonly string[] }[]
}

function readReport(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    throw new Failure('vitest ended without a report.')
  }
}

/** Names each failed test of a file, with what it said first. */
function failuresOf(file: FileReport): string[] {
  if (file.status !== 'failed') return []
  const name = path.relative(root, file.name)
  const tests = file.assertionResults.filter(({ status }) => status === 'failed')
  if (tests.length === 0) return [`${name}: ${firstLines(file.message)}`]
  return tests.map(
    ({ fullName, failureMessages }) => `${name} > ${fullName}: ${firstLines(failureMessages?.join('\n'))}`,
  )
}

/** The message, and the first places of this repository that it came from. */
function firstLines(text = ''): string {
  const lines = text.split('\n').filter((line) => !/^\s+at (?:.*node_modules|new Promise)/.test(line))
  return lines.slice(0, 10).join('\n  ')
}
