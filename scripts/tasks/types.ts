import { globSync } from 'node:fs'
import { runTool } from '../lib/command.ts'
import { Failure } from '../lib/stages.ts'
import { root } from '../lib/workspace.ts'

/**
 * Checks the types of the packages and tools together, and of every example by itself: each of those declares its own
 * session data by `declare module`, which one program can do only once.
 */
export async function checkTypes(): Promise<string> {
  const projects = ['tsconfig.json', ...globSync('{examples/*,benchmarks}/tsconfig*.json', { cwd: root })]
  // What is wrong in a package is wrong in every example as well.
  const findings = new Set<string>()
  for (const project of projects) {
    const { code, output } = await runTool('@typescript/native', ['-p', project, '--pretty', 'false'])
    if (code !== 0) for (const line of output.trimEnd().split('\n')) findings.add(line)
  }
  if (findings.size > 0) throw new Failure([...findings].join('\n'))
  return `${projects.length} programs`
}
