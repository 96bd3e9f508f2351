import { toolStage, runStages, runTogether, type Stage } from '../lib/stages.ts'
import { checkImports } from './imports.ts'

/** What oxlint finds, and who imports whom. */
export const lintStages: readonly Stage[] = [
  toolStage('lint', 'oxlint', []),
  { name: 'import rules', work: checkImports },
]

if (import.meta.main) await runStages([{ name: 'lint', work: () => runTogether(lintStages) }])
