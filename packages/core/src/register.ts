import type { DeepReadonly } from './mechanisms/freeze.ts'

/**
 * Names the fields of your sessions for the whole program, and with `engine: 'cookies'` says that they lie in cookies.
 *
 * @example
 * ```ts
 * import type {} from '@holdfast/core' // the declaration below adds to the module instead of replacing it
 *
 * declare module '@holdfast/core' {
 *   interface Register {
 *     data: { cart: string[]; visits: number }
 *   }
 * }
 * ```
 */
// Empty on purpose: programs add `data`, and `engine: 'cookies'` for cookie sessions, by declaration merging.
export interface Register {}

/** The fields of a session: those that {@link Register} names, otherwise any. */
export type SessionData = Register extends { data: infer Data extends object } ? Data : Record<string, unknown>

/** The names of fields. */
export type FieldName<Data> = keyof Data & string

/** The names of fields that hold numbers. */
export type NumberField<Data> = {
  [Name in FieldName<Data>]: Data[Name] extends number | undefined ? Name : unknown extends Data[Name] ? Name : never
}[FieldName<Data>]

/** What `get` answers for a field. */
export type FieldValue<Data, Name extends FieldName<Data>> = DeepReadonly<Data[Name]> | undefined
