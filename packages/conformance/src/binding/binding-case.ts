import type { BindingTrial } from './binding-trial.ts'

/** One rule for bindings, and its proof. */
export interface BindingCase {
  /** The rule, in words. Unique in the suite. */
  readonly rule: string
  /** Rejects if the binding breaks the rule. */
  prove(trial: BindingTrial): Promise<void>
}

/** Rules that belong together. */
export interface BindingTheme {
  readonly name: string
  readonly cases: readonly BindingCase[]
}
