import type { Runner } from '../runner.ts'
import { addressesTheme } from './addresses.ts'
import type { BindingCase, BindingTheme } from './binding-case.ts'
import { BindingTrial } from './binding-trial.ts'
import { connectionsTheme } from './connections.ts'
import { cookiesTheme } from './cookies.ts'
import { failuresTheme } from './failures.ts'
import { holdTheme } from './hold.ts'
import { loadingTheme } from './loading.ts'
import { mountingTheme } from './mounting.ts'
import { racesTheme } from './races.ts'
import { renewalTheme } from './renewal.ts'
import type { Serve } from './routes.ts'
import { secureTheme } from './secure.ts'
import { serverErrorsTheme } from './server-errors.ts'
import { suspensionTheme } from './suspension.ts'
import { untouchedTheme } from './untouched.ts'

/** What the suite needs of a binding's author. */
export interface BindingConformanceOptions {
  /** Names the binding in the report, with the version of its framework. */
  readonly name: string
  /** Builds the application that a case describes, with the framework and the binding, and lets it listen. */
  readonly serve: Serve
  /** Where the cases are registered. */
  readonly runner: Runner
}

/** All rules for bindings. */
export const BINDING_THEMES: readonly BindingTheme[] = [
  holdTheme,
  cookiesTheme,
  untouchedTheme,
  failuresTheme,
  serverErrorsTheme,
  loadingTheme,
  mountingTheme,
  racesTheme,
  renewalTheme,
  suspensionTheme,
  connectionsTheme,
  secureTheme,
  addressesTheme,
]

/** Time for one case, in milliseconds. */
const TIMEOUT = 20_000

/**
 * Registers one test for every rule that a binding must keep.
 *
 * Each case describes an application by its routes, has `serve` build it with the framework, and visits it over HTTP.
 * The routes get a memory store of their own, so nothing but the binding is under test.
 *
 * @see the tests of `@holdfast/express`, whose `serve` has about 40 lines
 */
export function bindingConformance({ name, serve, runner }: BindingConformanceOptions): void {
  runner.describe(`the binding ${name}`, () => {
    for (const theme of BINDING_THEMES) {
      runner.describe(theme.name, () => {
        for (const each of theme.cases) runner.it(each.rule, () => proveBinding(each, serve), TIMEOUT)
      })
    }
  })
}

/** Proves one rule. Rejects if the binding breaks it. */
export async function proveBinding(each: BindingCase, serve: Serve): Promise<void> {
  const trial = new BindingTrial(serve)
  try {
    await each.prove(trial)
  } finally {
    await trial.close()
  }
}
