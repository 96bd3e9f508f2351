import { AssertionError } from 'node:assert'

import { describe, expect, it } from 'vitest'

import { BINDING_THEMES, proveBinding } from '../../binding/binding-conformance.ts'
import { brokenAddresses } from './addresses.ts'
import type { BrokenBinding } from './broken-binding.ts'
import { brokenCommits } from './commits.ts'
import { brokenHandles } from './handles.ts'
import { brokenHeaders } from './headers.ts'
import { servePlain } from './plain-binding.ts'

const BROKEN_BINDINGS: readonly BrokenBinding[] = [
  ...brokenCommits,
  ...brokenHeaders,
  ...brokenHandles,
  ...brokenAddresses,
]

const CASES = BINDING_THEMES.flatMap(({ cases }) => cases)
const RULES = CASES.map(({ rule }) => rule)

/** What was thrown, if the rule does not hold. */
function failureOf(rule: string, make?: BrokenBinding['make']): Promise<unknown> {
  const each = CASES.find((one) => one.rule === rule)!
  return proveBinding(each, servePlain(make)).then(
    () => undefined,
    (error: unknown) => error,
  )
}

function rulesOf({ breaks }: BrokenBinding): string[] {
  return breaks.flatMap((pattern) => {
    const found = RULES.filter((rule) => (typeof pattern === 'string' ? rule === pattern : pattern.test(rule)))
    expect(found, `no rule is called ${String(pattern)}`).not.toEqual([])
    return found
  })
}

describe.concurrent('the suite for bindings', () => {
  it('names no two rules alike', () => {
    expect(new Set(RULES).size).toBe(RULES.length)
  })

  it.each(RULES)('passes a sound binding: %s', async (rule) => {
    expect(await failureOf(rule)).toBeUndefined()
  })

  for (const broken of BROKEN_BINDINGS) {
    for (const rule of rulesOf(broken)) {
      it(`fails a binding that ${broken.fault}: ${rule}`, async () => {
        expect(await failureOf(rule, broken.make)).toBeInstanceOf(AssertionError)
      })
    }
  }

  it('has no rule that cannot fail', () => {
    const broken = new Set(BROKEN_BINDINGS.flatMap(rulesOf))
    expect(RULES.filter((rule) => !broken.has(rule))).toEqual([])
  })
})
