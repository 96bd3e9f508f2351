import { runStages, toolStage } from '../lib/stages.ts'

if (import.meta.main) await runStages([toolStage('format', 'oxfmt', process.argv.slice(2), { isShown: true })])
