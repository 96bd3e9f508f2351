import type { Names } from './names.ts'

/**
 * Version 1: the table, its indexes, and the clock.
 *
 * One row lies under each key: a record (`kind` 0), an alias (1) or a tombstone (2); one more holds the generation (3). `over_at` is when its time is over:
 * a record's idle deadline, which is never past its absolute end; of an alias or tombstone, when its last minute begins.
 * It is all that a touch changes, and no index knows it, so that every touch is a heap-only update.
 *
 * Columns go from wide to narrow, so that none is padded.
 */
export function firstVersion(names: Names): string {
  const { table, now, subjectIndex, remainsIndex } = names
  return `
CREATE TABLE IF NOT EXISTS ${table} (
  created_at bigint,
  absolute_at bigint,
  over_at bigint NOT NULL,
  idle_timeout bigint,
  revision bigint,
  authenticated_at bigint,
  laid_at bigint,
  grace_until bigint,
  laid_in xid8,
  format integer,
  kind smallint NOT NULL,
  is_persistent boolean,
  has_ended boolean,
  key bytea PRIMARY KEY,
  id text,
  commits text NOT NULL,
  subject bytea,
  successor bytea,
  reason text,
  body bytea
) WITH (fillfactor = 72, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1);
ALTER TABLE ${table} ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS ${subjectIndex} ON ${table} (substr(sha256(subject), 1, 16), created_at)
  WHERE subject IS NOT NULL;
CREATE INDEX IF NOT EXISTS ${remainsIndex} ON ${table} (laid_in) WHERE laid_in IS NOT NULL;
CREATE OR REPLACE FUNCTION ${now}() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE AS $body$
  SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
$body$;`
}
