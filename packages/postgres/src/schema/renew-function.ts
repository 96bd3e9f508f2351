import { RETENTION } from '../retention.ts'
import type { Names } from './names.ts'

/**
 * The function behind `renew`: the record under the new key and the alias under the old one, or neither.
 *
 * Answers `renewed`, `exists`, or `refused`: then a look at the old key tells why. It locks the old key before the new
 * one, as `end` does.
 */
export function renewFunction(names: Names): string {
  return renewFunctionFor(names, { name: names.renew, parameters: '', assignments: '' })
}

/** What a later version of the function has besides: its own name, since processes that call the older one may go on. */
export interface RenewAdditions {
  readonly name: string
  readonly parameters: string
  readonly assignments: string
}

export function renewFunctionFor({ table, now }: Names, { name, parameters, assignments }: RenewAdditions): string {
  return `
CREATE OR REPLACE FUNCTION ${name}(
  p_key bytea, p_expected bigint,
  p_new bytea, p_revision bigint, p_format integer, p_id text, p_commits text, p_created_at bigint,
  p_absolute_at bigint, p_idle_timeout bigint, p_idle_until bigint, p_is_persistent boolean, p_subject bytea,
  p_authenticated_at bigint, p_body bytea,
  p_at bigint, p_grace_until bigint, p_commit_id text, p_channel text${parameters}
) RETURNS text LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
  v_old record;
  v_now bigint;
BEGIN
  SELECT kind, revision, over_at, idle_timeout INTO v_old FROM ${table} WHERE key = p_key FOR NO KEY UPDATE;
  v_now := ${now}();
  IF v_old.kind IS DISTINCT FROM 0 OR v_old.revision <> p_expected OR v_old.over_at <= v_now THEN
    RETURN 'refused';
  END IF;
  LOOP
    INSERT INTO ${table} (key, kind, revision, format, id, commits, created_at, absolute_at, idle_timeout, over_at,
      is_persistent, subject, authenticated_at, body)
    VALUES (p_new, 0, p_revision, p_format, p_id, p_commits, p_created_at, p_absolute_at, p_idle_timeout,
      LEAST(p_absolute_at, CASE WHEN v_old.idle_timeout = p_idle_timeout
        THEN GREATEST(v_old.over_at, p_idle_until) ELSE p_idle_until END),
      p_is_persistent, p_subject, p_authenticated_at, p_body)
    ON CONFLICT (key) DO NOTHING;
    EXIT WHEN FOUND;
    DELETE FROM ${table} WHERE key = p_new AND over_at <= v_now - ${RETENTION};
    IF NOT FOUND THEN
      RETURN 'exists';
    END IF;
  END LOOP;
  UPDATE ${table} SET kind = 1, over_at = GREATEST(v_now, p_grace_until), commits = p_commit_id, successor = p_new,
    laid_at = p_at, grace_until = p_grace_until, laid_in = pg_current_xact_id(),${assignments}
    revision = NULL, format = NULL, id = NULL, created_at = NULL, absolute_at = NULL, idle_timeout = NULL,
    is_persistent = NULL, subject = NULL, authenticated_at = NULL, body = NULL
  WHERE key = p_key;
  IF p_channel IS NOT NULL THEN
    PERFORM pg_notify(p_channel, 'renewed ' || encode(p_key, 'hex') || ' ' || encode(p_new, 'hex'));
  END IF;
  RETURN 'renewed';
END
$body$;`
}
