/** Opens sessions that iron-session 8 and 9 have sealed, so that an engine can go on with them. */
import { defaults, unseal } from 'iron-webcrypto'

import type { Codec } from '../../contracts/codec.ts'
import { ValueError } from '../../contracts/errors.ts'
import { RECORD_FORMAT } from '../../contracts/record.ts'
import { tell } from '../events.ts'
import { checkFieldName, encodeField } from '../fields.ts'
import { type LifetimePolicy, idleDeadline } from '../lifetime.ts'
import type { Live } from '../live.ts'
import { nextLifetime } from '../next-lifetime.ts'
import { NO_HEAD } from '../record-head.ts'
import { SharedValues } from '../shared-values.ts'
import type { Mint } from '../token.ts'
import type { Judged } from '../verdicts.ts'

/** What is known of sessions of iron-session. */
export interface IronSessionSettings {
  /** Passwords by their numbers. */
  readonly passwords: Readonly<Record<string, string>>
  readonly subject: ((data: Readonly<Record<string, unknown>>) => string | undefined) | undefined
  readonly isRemembered: boolean
}

export interface IronSessionTerms {
  readonly settings: IronSessionSettings
  readonly policy: LifetimePolicy
  readonly codec: Codec
  readonly mint: Mint
}

/** Where a seal tells when it ends. */
const EXPIRATION = 5
/** The ends are judged by the engine's clock. */
const OPTIONS = { ...defaults, timestampSkewSec: Number.POSITIVE_INFINITY }

/**
 * Opens a seal of iron-session: each top-level member becomes a field. The session begins now, with lifetimes of this
 * engine, and never outlives its seal. When its subject signed in is not known, so that it never counts as lately.
 */
export async function openIronSession(seal: string, terms: IronSessionTerms, now: number): Promise<Judged> {
  const data = await unsealed(seal, terms.settings)
  if (data === undefined) return { reason: 'unreadable', ended: { reason: 'unreadable', at: undefined } }
  const until = Number(seal.split('*')[EXPIRATION]) || Number.POSITIVE_INFINITY
  if (now >= until) return { reason: 'absolute', ended: { reason: 'absolute', at: until } }
  return { live: toLive(seal, data, until, terms, now) }
}

async function unsealed(
  seal: string,
  { passwords }: IronSessionSettings,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const data = await unseal(seal, passwords, OPTIONS)
    return typeof data === 'object' && data !== null && !Array.isArray(data)
      ? (data as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function toLive(
  seal: string,
  data: Readonly<Record<string, unknown>>,
  until: number,
  { settings, policy, codec, mint }: IronSessionTerms,
  now: number,
): Live {
  const id = mint.id()
  const subject = subjectOf(data, settings)
  const { idleTimeout, absoluteAt } = nextLifetime({
    policy,
    now,
    id,
    previous: undefined,
    isSignedIn: subject !== undefined,
    isPersistent: settings.isRemembered,
    level: subject === undefined ? 0 : 1,
    change: {},
    startedAt: now,
    provedAt: now,
  })
  const record = {
    format: RECORD_FORMAT,
    key: id,
    id,
    revision: 0,
    commits: [],
    createdAt: now,
    absoluteAt: Math.min(absoluteAt, until),
    idleTimeout,
    persistent: settings.isRemembered,
    subject,
    authenticatedAt: undefined,
    body: new Uint8Array(),
  }
  return {
    token: seal,
    record,
    idleUntil: idleDeadline(record, now),
    head: NO_HEAD,
    fields: fieldsOf(data, codec, id),
    values: new SharedValues(),
    isCopy: false,
    isOwed: false,
  }
}

function fieldsOf(data: Readonly<Record<string, unknown>>, codec: Codec, id: string): Map<string, Uint8Array> {
  const fields = new Map<string, Uint8Array>()
  for (const [name, value] of Object.entries(data)) {
    try {
      fields.set(checkFieldName(name), encodeField(codec, name, value))
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      tell('holdfast:rejected', { reason: 'unreadable', field: name.slice(0, 256), id })
    }
  }
  return fields
}

/** @throws ValueError `ERR_VALUE` */
function subjectOf(data: Readonly<Record<string, unknown>>, { subject }: IronSessionSettings): string | undefined {
  const answer: unknown = subject?.(data) ?? undefined
  if (answer === undefined || (typeof answer === 'string' && answer !== '')) return answer
  throw new ValueError(
    'ERR_VALUE',
    `\`ironSession.subject\` answered ${typeof answer === 'string' ? 'an empty string' : `a ${typeof answer}`}. Answer the id of the user as a string, or \`undefined\` where nobody has signed in.`,
  )
}
