import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { forbiddenImports } from '../lib/import-rules.ts'
import { Failure, runStages } from '../lib/stages.ts'
import { root } from '../lib/workspace.ts'

/** Checks every source file of the packages against the import rules. */
export function checkImports(): Promise<string> {
  const files = globSync('packages/*/src/**/*.ts', { cwd: root })
  const findings = files.flatMap((file) =>
    forbiddenImports(file.replaceAll(path.sep, '/'), readFileSync(path.join(root, file), 'utf8')),
  )
  if (findings.length > 0) return Promise.reject(new Failure(findings.join('\n')))
  return Promise.resolve(`${files.length} files`)
}

if (import.meta.main) await runStages([{ name: 'import rules', work: checkImports }])
