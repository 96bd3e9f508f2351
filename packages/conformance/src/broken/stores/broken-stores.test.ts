import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { storeConformance } from '../../index.ts'
import { brokenAbort } from './abort.ts'
import { harnessOf, type BrokenStore } from './broken-store.ts'
import { brokenChangeFeed } from './change-feed.ts'
import { brokenConcurrency } from './concurrency.ts'
import { brokenCount } from './count.ts'
import { brokenCreate } from './create.ts'
import { brokenDeadlines } from './deadlines.ts'
import { brokenEnd } from './end.ts'
import { brokenGeneration } from './generation.ts'
import { brokenIdempotence } from './idempotence.ts'
import { brokenKeysAndBytes } from './keys-and-bytes.ts'
import { brokenLoad } from './load.ts'
import { brokenRenew } from './renew.ts'
import { brokenShape } from './shape.ts'
import { brokenSubjectIndex } from './subject-index.ts'
import { brokenSweep } from './sweep.ts'
import { brokenTouch } from './touch.ts'
import { brokenTrim } from './trim.ts'
import { brokenUpdate } from './update.ts'

const BROKEN_STORES: readonly BrokenStore[] = [
  ...brokenLoad,
  ...brokenKeysAndBytes,
  ...brokenAbort,
  ...brokenShape,
  ...brokenCreate,
  ...brokenUpdate,
  ...brokenTouch,
  ...brokenIdempotence,
  ...brokenRenew,
  ...brokenEnd,
  ...brokenDeadlines,
  ...brokenConcurrency,
  ...brokenSubjectIndex,
  ...brokenChangeFeed,
  ...brokenTrim,
  ...brokenGeneration,
  ...brokenCount,
  ...brokenSweep,
]

/** The rules of the suite, each with its proof against a store made thus. */
function rulesFor(make: BrokenStore['make']): Map<string, () => Promise<void>> {
  const rules = new Map<string, () => Promise<void>>()
  storeConformance({
    name: 'collected',
    create: async () => harnessOf(make),
    runner: {
      describe: (_, body) => body(),
      it(rule, body) {
        expect(rules.has(rule), `"${rule}" names two rules`).toBe(false)
        rules.set(rule, body)
      },
    },
  })
  return rules
}

/** What was thrown, if the rule does not hold. */
function failureOf(prove: () => Promise<void>): Promise<unknown> {
  return prove().then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe.concurrent('the suite for stores', () => {
  const rules = rulesFor((sound) => sound)

  it('passes a sound store', async () => {
    const failures = await Promise.all([...rules.values()].map(failureOf))
    expect(failures.filter((failure) => failure !== undefined)).toEqual([])
  })

  for (const { fault, breaks, make } of BROKEN_STORES) {
    it(`fails a store with this fault: ${fault}`, async () => {
      const prove = rulesFor(make).get(breaks)
      expect(prove && (await failureOf(prove))).toBeInstanceOf(AssertionError)
    })
  }

  it('has no rule that cannot fail', () => {
    const broken = new Set(BROKEN_STORES.map(({ breaks }) => breaks))
    expect([...rules.keys()].filter((rule) => !broken.has(rule))).toEqual([])
  })
})
