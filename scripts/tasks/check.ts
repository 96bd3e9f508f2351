import { runStages, runTogether, toolStage } from '../lib/stages.ts'
import { lintStages } from './lint.ts'
import { checkTypes } from './types.ts'

/** Checks everything that needs no run: types, lint, import rules, format, and what is declared but not used. */
export function check(): Promise<string> {
  return runTogether([
    { name: 'types', work: checkTypes },
    ...lintStages,
    toolStage('format', 'oxfmt', ['--check']),
    toolStage('unused (knip)', 'knip', ['--no-progress']),
  ])
}

if (import.meta.main) await runStages([{ name: 'check', work: check }])
