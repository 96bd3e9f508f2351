import { RETENTION } from '../retention.ts'
import type { Names } from '../schema/names.ts'
import { answerText } from './answer.ts'
import { statement, type Statement } from './statement.ts'

/** Keys of sessions have sixteen bytes. */
const GENERATION_KEY = "decode('00', 'hex')"
const NEVER = '9223372036854775807'

/** All statements of one store. */
export interface Statements {
  readonly load: Statement
  readonly create: Statement
  readonly clear: Statement
  readonly update: Statement
  readonly touch: Statement
  readonly renew: Statement
  readonly trim: Statement
  readonly end: Statement
  readonly generation: Statement
  readonly raise: Statement
  readonly list: Statement
  readonly count: Statement
  readonly sweep: Statement
  readonly size: Statement
  readonly poll: Statement
  readonly notify: Statement
}

/** Instants are compared with the database's clock at the moment of the comparison, after any wait for a lock. */
export function statementsOf(names: Names): Statements {
  const { table, now, renewal, end } = names
  return {
    // Answers a row whatever lies there, so that even `absent` tells which key it is about, and what time it is.
    load: statement(
      'load',
      `SELECT ${answerText('asked.key', `${now}()`)}
FROM (VALUES ($1::bytea)) AS asked (key)
LEFT JOIN ${table} AS s ON s.key = asked.key AND s.over_at > ${now}() - ${RETENTION}`,
    ),
    create: statement(
      'create',
      `INSERT INTO ${table} (key, kind, revision, format, id, commits, created_at, absolute_at, idle_timeout, over_at,
  is_persistent, subject, authenticated_at, body)
VALUES ($1::bytea, 0, $2::bigint, $3::integer, $4::text, $5::text, $6::bigint, $7::bigint, $8::bigint,
  LEAST($7::bigint, $9::bigint), $10::boolean, $11::bytea, $12::bigint, $13::bytea)
ON CONFLICT (key) DO NOTHING
RETURNING encode(key, 'hex') AS key`,
    ),
    // Removes what counts as absent, but has not been swept yet.
    clear: statement('clear', `DELETE FROM ${table} WHERE key = $1::bytea AND over_at <= ${now}() - ${RETENTION}`),
    update: statement(
      'update',
      `UPDATE ${table} SET revision = $2::bigint, format = $3::integer, id = $4::text, commits = $5::text,
  created_at = $6::bigint, absolute_at = $7::bigint, idle_timeout = $8::bigint,
  over_at = LEAST($7::bigint, CASE WHEN idle_timeout = $8::bigint THEN GREATEST(over_at, $9::bigint) ELSE $9::bigint END),
  is_persistent = $10::boolean, subject = $11::bytea, authenticated_at = $12::bigint, body = $13::bytea
WHERE key = $1::bytea AND kind = 0 AND revision = $14::bigint AND over_at > ${now}()
RETURNING encode(key, 'hex') AS key`,
    ),
    // Locks in the order of keys, so that two batches never deadlock. Does not wait for the disk: a crash of the server
    // forgets the touches of its last half second, and nothing else. The setting ends with the statement.
    touch: statement(
      'touch',
      `UPDATE ${table} AS s SET over_at = LEAST(s.absolute_at, due.idle_until)
FROM (
  SELECT key, max(idle_until) AS idle_until FROM (
    SELECT t.key, offered.idle_until
    FROM (
      SELECT decode(each.key, 'hex') AS key, each.idle_until, each.idle_timeout
      FROM unnest(string_to_array($1::text, ','), string_to_array($2::text, ',')::bigint[],
        string_to_array($3::text, ',', '')::bigint[]) AS each (key, idle_until, idle_timeout)
    ) AS offered
    JOIN ${table} AS t ON t.key = offered.key
    WHERE t.kind = 0 AND t.over_at > ${now}() AND offered.idle_until > t.over_at
      AND (offered.idle_timeout IS NULL OR offered.idle_timeout = t.idle_timeout)
    ORDER BY t.key FOR NO KEY UPDATE OF t
  ) AS locked GROUP BY key
) AS due, (SELECT set_config('synchronous_commit', 'off', true)) AS lazily
WHERE s.key = due.key AND s.kind = 0 AND s.over_at < LEAST(s.absolute_at, due.idle_until)`,
    ),
    renew: statement(
      'renew',
      `SELECT encode($1::bytea, 'hex') AS key, ${renewal}($1, $2::bigint, $3::bytea, $4::bigint, $5::integer, $6::text,
  $7::text, $8::bigint, $9::bigint, $10::bigint, $11::bigint, $12::boolean, $13::bytea, $14::bigint, $15::bytea,
  $16::bigint, $17::bigint, $18::text, $19::text, $20::bytea) AS outcome`,
    ),
    // Like any other the alias stays for a minute. Locks in the order of keys and does not wait for the disk, as touches do.
    trim: statement(
      'trim',
      `UPDATE ${table} AS s SET over_at = due.over_at
FROM (
  SELECT t.key, offered.over_at
  FROM (
    SELECT decode(each.key, 'hex') AS key, GREATEST(${now}(), min(each.until)) AS over_at
    FROM unnest(string_to_array($1::text, ','), string_to_array($2::text, ',')::bigint[]) AS each (key, until)
    GROUP BY each.key
  ) AS offered
  JOIN ${table} AS t ON t.key = offered.key
  WHERE t.kind = 1 AND t.over_at > offered.over_at
  ORDER BY t.key FOR NO KEY UPDATE OF t
) AS due, (SELECT set_config('synchronous_commit', 'off', true)) AS lazily
WHERE s.key = due.key AND s.kind = 1 AND s.over_at > due.over_at`,
    ),
    end: statement(
      'end',
      `SELECT encode($1::bytea, 'hex') AS key,
  ${end}($1, $2::text, $3::bigint, $4::text, $5::text, $6::text) AS has_ended`,
    ),
    // A row under a key that no session can have, and that no sweep removes. It exists once it was raised.
    generation: statement(
      'generation',
      `SELECT COALESCE((SELECT revision FROM ${table} WHERE key = ${GENERATION_KEY} AND kind = 3), 0) AS generation`,
    ),
    raise: statement(
      'raise',
      `INSERT INTO ${table} AS s (key, kind, over_at, commits, revision)
VALUES (${GENERATION_KEY}, 3, ${NEVER}, '', $1::bigint)
ON CONFLICT (key) DO UPDATE SET revision = GREATEST(s.revision, EXCLUDED.revision)
RETURNING revision AS generation`,
    ),
    list: statement(
      'list',
      `SELECT ${answerText('s.key', '0')} FROM ${table} AS s
WHERE substr(sha256(s.subject), 1, 16) = substr(sha256($1::bytea), 1, 16) AND s.subject = $1::bytea AND s.kind = 0
  AND s.over_at > (SELECT ${now}()) AND s.created_at >= $2::bigint
  AND (s.created_at, s.id COLLATE "C") > ($2::bigint, $3::text COLLATE "C")
ORDER BY s.created_at, s.id COLLATE "C" LIMIT $4::integer`,
    ),
    // Goes through the table in the order of its keys, so many at a time. Nothing of a body but its beginning is read.
    count: statement(
      'count',
      `WITH step AS MATERIALIZED (
  SELECT key, kind = 0 AND over_at > (SELECT ${now}())
    AND substr(body, 1, length($1::bytea)) = $1::bytea AS is_counted
  FROM ${table} WHERE key > decode($2::text, 'hex') ORDER BY key LIMIT $3::integer
)
SELECT count(*) FILTER (WHERE is_counted) AS counted, count(*) AS passed,
  (SELECT encode(key, 'hex') FROM step ORDER BY key DESC LIMIT 1) AS last FROM step`,
    ),
    // Walks the pages of the table, so that the deadline, which every touch moves, needs no index.
    sweep: statement(
      'sweep',
      `WITH removed AS (
  DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table}
    WHERE ctid >= format('(%s,0)', $1::bigint)::tid AND ctid < format('(%s,0)', $2::bigint)::tid
      AND over_at <= (SELECT ${now}()) - ${RETENTION}
    LIMIT $3::integer FOR UPDATE SKIP LOCKED
  )) AND over_at <= (SELECT ${now}()) - ${RETENTION}
  RETURNING 1
) SELECT count(*) AS removed FROM removed`,
    ),
    size: statement(
      'size',
      `SELECT pg_relation_size('${table}'::regclass) / current_setting('block_size')::bigint AS pages`,
    ),
    // What was laid by transactions that the snapshot before could not see. With no snapshot before: nothing but it.
    poll: statement(
      'poll',
      `SELECT pg_current_snapshot()::text AS snapshot, (SELECT ${now}()) AS now, encode(s.key, 'hex') AS key, s.kind,
  encode(s.successor, 'hex') AS successor, s.reason, s.id
FROM (VALUES ($1::text::pg_snapshot)) AS before (snapshot)
LEFT JOIN ${table} AS s ON s.laid_in >= pg_snapshot_xmin(before.snapshot)
  AND NOT pg_visible_in_snapshot(s.laid_in, before.snapshot)
ORDER BY s.laid_in`,
    ),
    notify: statement('notify', 'SELECT pg_notify($1::text, $2::text) IS NULL AS is_sent'),
  }
}
