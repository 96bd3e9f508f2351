/** Replaying a request's intents onto a record. */
import { writeBody } from '../../packages/core/src/mechanisms/body.ts'
import { NO_HEAD } from '../../packages/core/src/mechanisms/record-head.ts'
import { Draft } from '../../packages/core/src/mechanisms/draft.ts'
import type { DraftRules } from '../../packages/core/src/mechanisms/draft-rules.ts'
import type { Intent } from '../../packages/core/src/mechanisms/intents.ts'
import type { Live } from '../../packages/core/src/mechanisms/live.ts'
import { SharedValues } from '../../packages/core/src/mechanisms/shared-values.ts'
import { createValueCodec } from '../../packages/core/src/mechanisms/value-codec.ts'
import { LEVELS, PROFILES } from '../../packages/core/src/options/profiles.ts'
import { fieldsOf } from '../contenders/session-fields.ts'
import { measure } from './case.ts'

export function define(): void {
  const { lifetimes } = PROFILES.owasp
  const codec = createValueCodec()
  const rules: DraftRules = {
    codec,
    policy: { ...lifetimes, anonymous: lifetimes, levels: LEVELS, isSuspending: false, jitter: 0 },
    onConflict: 'last',
    sizeLimit: 65_536,
  }
  for (const size of ['350', '4k'] as const) {
    const fields = new Map(Object.entries(fieldsOf('user-1', size)).map(([name, value]) => [name, codec.encode(value)]))
    const live = liveWith(fields)
    const intents: Intent[] = [
      { type: 'set', name: 'locale', bytes: codec.encode('fr-FR'), seen: fields.get('locale') },
      { type: 'increment', name: 'visits', by: 1 },
    ]
    measure(`merge: two intents onto ${size} B`, () => {
      const draft = new Draft(rules, { type: 'live', live })
      draft.apply(intents)
      return writeBody(NO_HEAD, draft.fields())
    })
  }
}

function liveWith(fields: Live['fields']): Live {
  const now = Date.now()
  const record = {
    format: 1,
    key: 'k'.repeat(22),
    id: 'i'.repeat(16),
    revision: 1,
    commits: ['c'.repeat(11)],
    createdAt: now,
    absoluteAt: now + 86_400_000,
    idleTimeout: 86_400_000,
    persistent: false,
    subject: 'user-1',
    authenticatedAt: now,
    body: writeBody(NO_HEAD, fields),
  }
  return {
    token: 't'.repeat(32),
    record,
    idleUntil: now + 86_400_000,
    head: NO_HEAD,
    fields,
    values: new SharedValues(),
    isCopy: false,
    isOwed: false,
  }
}
