import { availableParallelism } from 'node:os'

import { defineConfig, type ViteUserConfig } from 'vitest/config'

/**
 * What `npm run canary` adds to every test file. Not `NODE_DEBUG`, by which Node prints the Cookie headers that it sends:
 * here the clients live in the same process.
 */
const canary =
  process.env['HOLDFAST_CANARY'] === undefined
    ? {}
    : { setupFiles: ['packages/testkit/src/canary/setup.ts'], env: { DEBUG: '*' } }

/** Not in the long canary: peers tell their own tokens under `DEBUG`, and it makes an output longer that a test reads. */
const NOT_FOR_CANARY = ['examples/races/**', 'examples/shop/test/refused-starts.int.test.ts']

const BROWSER_TESTS = 'examples/*/test/browser/**/*.int.test.ts'

/** For tests that start servers. */
const PATIENT = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Starts nothing until a test asks for a server.
  globalSetup: ['packages/testkit/src/servers/global-setup.ts'],
}

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['@holdfast/source'] },
  ssr: { resolve: { conditions: ['@holdfast/source', 'node', 'default'] } },
  test: {
    // Many tests wait, for deadlines, processes and each other: one more worker than there are cores keeps all busy.
    maxWorkers: availableParallelism() + 1,
    ...canary,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Nothing of these tests outlives them, so that a file need not have a process of its own.
          isolate: false,
          // Only a watchdog: a machine with much else to do must not fail a test.
          testTimeout: 30_000,
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'benchmarks/**/*.test.ts'],
          exclude: ['**/*.int.test.ts', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'int',
          include: ['packages/*/{src,test}/**/*.int.test.ts', '{examples,scripts,benchmarks}/**/*.int.test.ts'],
          exclude: ['**/node_modules/**', BROWSER_TESTS, ...('setupFiles' in canary ? NOT_FOR_CANARY : [])],
          ...PATIENT,
        },
      },
      {
        extends: true,
        test: {
          // By themselves: a browser keeps both cores of a small machine busy, and other tests keep deadlines.
          name: 'browser',
          include: [BROWSER_TESTS],
          exclude: ['**/node_modules/**'],
          ...PATIENT,
        },
      },
    ],
  },
})

export default config
