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
  const { passed, failed } = readReport(report)
  counts.passed += passed
  counts.failed += failed
  if (code !== 0) throw new Failure(`Tests of the project "${project}" failed.`)
  return `${passed} passed`
}

function readReport(file: string): TestCounts {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as { numPassedTests: number; numFailedTests: number }
    return { passed: report.numPassedTests, failed: report.numFailedTests }
  } catch {
    throw new Failure('vitest ended without a report.')
  }
}
