import { RETENTION } from '../retention.ts'
import type { Names } from './names.ts'

/**
 * The function behind `end`: follows the aliases from the key, and lays the tombstone under each of them.
 *
 * Answers whether a session lived there, as far as this commit is concerned. What is laid where nothing was is the only
 * insert that minds no key; if a create was faster, it is seen in the next round and ended.
 */
export function endFunction(names: Names): string {
  return endFunctionFor(names, 'successor = NULL, grace_until = NULL')
}

/** The same for a later version of the table, whose tombstones leave more columns empty. */
export function endFunctionFor({ table, now, end }: Names, emptied: string): string {
  return `
CREATE OR REPLACE FUNCTION ${end}(
  p_key bytea, p_reason text, p_at bigint, p_id text, p_commit_id text, p_channel text
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
  v_chain bytea[] := ARRAY[p_key];
  v_place integer := 1;
  v_row record;
  v_now bigint;
  v_has_ended boolean := false;
  v_id text;
BEGIN
  LOOP
    SELECT kind, over_at, successor INTO v_row FROM ${table} WHERE key = v_chain[v_place] FOR UPDATE;
    v_now := ${now}();
    EXIT WHEN v_row.kind IS DISTINCT FROM 1 OR v_row.over_at <= v_now - ${RETENTION} OR v_row.successor = ANY (v_chain);
    v_chain := v_chain || v_row.successor;
    v_place := v_place + 1;
  END LOOP;
  WHILE v_place > 0 LOOP
    SELECT kind, over_at, id, commits, has_ended INTO v_row FROM ${table} WHERE key = v_chain[v_place] FOR UPDATE;
    v_now := ${now}();
    IF v_row.kind = 2 AND v_row.over_at > v_now - ${RETENTION} THEN
      v_has_ended := v_row.has_ended AND v_row.commits = p_commit_id;
      v_place := v_place - 1;
      CONTINUE;
    ELSIF v_row.kind IS NULL THEN
      v_id := p_id;
      INSERT INTO ${table} (key, kind, over_at, commits, id, reason, laid_at, has_ended, laid_in)
      VALUES (v_chain[v_place], 2, v_now, p_commit_id, p_id, p_reason, p_at, v_has_ended, pg_current_xact_id())
      ON CONFLICT (key) DO NOTHING;
      CONTINUE WHEN NOT FOUND;
    ELSE
      v_id := CASE WHEN v_row.kind = 0 THEN v_row.id ELSE p_id END;
      v_has_ended := v_has_ended OR (v_row.kind = 0 AND v_row.over_at > v_now);
      UPDATE ${table} SET kind = 2, over_at = v_now, commits = p_commit_id, id = p_id, reason = p_reason,
        laid_at = p_at, has_ended = v_has_ended, laid_in = pg_current_xact_id(),
        revision = NULL, format = NULL, created_at = NULL, absolute_at = NULL, idle_timeout = NULL,
        is_persistent = NULL, subject = NULL, authenticated_at = NULL, body = NULL,
        ${emptied}
      WHERE key = v_chain[v_place];
    END IF;
    IF p_channel IS NOT NULL THEN
      PERFORM pg_notify(p_channel,
        'ended ' || encode(v_chain[v_place], 'hex') || ' ' || COALESCE(v_id, '') || ' ' || left(p_reason, 200));
    END IF;
    v_place := v_place - 1;
  END LOOP;
  RETURN v_has_ended;
END
$body$;`
}
