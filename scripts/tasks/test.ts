import { chromiumProgram } from '../../packages/testkit/src/chromium.ts'
import { runStages } from '../lib/stages.ts'
import { runVitest } from '../lib/vitest.ts'
import { build } from './build.ts'
import { check } from './check.ts'
import { checkDocs } from './docs-check.ts'
import { testPack } from './test-pack.ts'

const counts = { passed: 0, failed: 0 }

await runStages(
  [
    { name: 'check', work: check },
    { name: 'build', work: build },
    { name: 'unit tests', work: () => runVitest('unit', counts) },
    { name: 'Chromium', work: chromiumProgram },
    { name: 'integration tests', work: () => runVitest('int', counts) },
    { name: 'browser tests', work: () => runVitest('browser', counts) },
    { name: 'docs', work: checkDocs },
    { name: 'packed packages', work: testPack },
  ],
  () => `${counts.passed} passed, ${counts.failed} failed`,
)
