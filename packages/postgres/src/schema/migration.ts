import { endFunction } from './end-function.ts'
import { firstVersion } from './first-version.ts'
import type { Names } from './names.ts'
import { renewFunction } from './renew-function.ts'
import { sealedTokens } from './second-version.ts'

/** Each version of the schema is a list of statements. A version that has been released never changes. */
const VERSIONS: readonly (readonly ((names: Names) => string)[])[] = [
  [firstVersion, renewFunction, endFunction],
  [sealedTokens],
]

/** The version that this release works with. */
export const SCHEMA_VERSION: number = VERSIONS.length

/**
 * The statement that brings the schema to this version, or to an earlier one. It is a single one, so it is applied as a whole and passes any
 * client and any pooler. Processes that run it at once wait for each other; a newer schema is left as it is.
 */
export function migrationStatement(names: Names, target: number = SCHEMA_VERSION): string {
  const { schema, version, lock } = names
  const steps = VERSIONS.slice(0, target).map(
    (statements, index) => `  IF v_current < ${index + 1} THEN
${statements.map((statement) => statement(names)).join('\n')}
CREATE OR REPLACE FUNCTION ${version}() RETURNS integer LANGUAGE sql STABLE AS $body$ SELECT ${index + 1} $body$;
  END IF;`,
  )
  return `DO $holdfast$
DECLARE
  v_current integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(${lock});
  -- A backend that found nothing before it waited believes so until it opens a table that it has not opened yet.
  PERFORM FROM pg_namespace LIMIT 1;
  IF to_regnamespace('${schema}') IS NULL THEN
    CREATE SCHEMA ${schema};
  END IF;
  IF to_regprocedure('${version}()') IS NOT NULL THEN
    v_current := ${version}();
  END IF;
${steps.join('\n')}
END
$holdfast$`
}
