import { nameProblem, namesOf, type Names } from '../schema/names.ts'
import { PostgresOptionsError, type Problem } from './options-error.ts'

/** Where the store's table lies. */
export interface SchemaOptions {
  /**
   * The schema of everything that the store makes. It is made, too, if it is missing.
   *
   * @default 'public'
   */
  readonly schema?: string | undefined
  /**
   * The table of sessions. Functions and indexes are named after it, so two stores may share a schema.
   *
   * @default 'holdfast_sessions'
   */
  readonly table?: string | undefined
}

/** Answers the names, and adds to the problems what is wrong with them. */
export function resolveNames(
  { schema = 'public', table = 'holdfast_sessions' }: SchemaOptions,
  problems: Problem[],
): Names {
  for (const [path, name] of [
    ['schema', schema],
    ['table', table],
  ] as const) {
    const message = nameProblem(path, name)
    if (message !== undefined) problems.push({ path, message })
  }
  return namesOf(schema, table)
}

/** Answers the names alone; throws `OptionsError` with all problems. */
export function namesFor(callee: string, options: SchemaOptions): Names {
  const problems: Problem[] = []
  const names = resolveNames(options, problems)
  if (problems.length > 0) throw new PostgresOptionsError(callee, problems)
  return names
}
