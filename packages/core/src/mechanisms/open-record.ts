/** Opens what a store answered: the format is looked at, the body taken out of its envelope and split into its fields. */
import { StoreError } from '../contracts/errors.ts'
import { SUSPENDABLE_FORMAT, type SessionRecord } from '../contracts/record.ts'
import type { Found } from '../contracts/store.ts'
import { readBody } from './body.ts'
import type { Envelope } from './envelope/envelope.ts'
import { NewerBody } from './envelope/first-byte.ts'
import type { OpenRecord } from './live.ts'
import { SharedValues } from './shared-values.ts'

/** The newest layout that this version understands. */
const NEWEST = SUSPENDABLE_FORMAT

/**
 * Opens a record that a store answered; `undefined` for one that nobody can read.
 *
 * @throws StoreError `ERR_RECORD_NEWER`, `ERR_KEY_UNKNOWN`
 */
export type Open = (found: Found) => OpenRecord | undefined

export function createOpen(envelope: Pick<Envelope, 'open'>): Open {
  /** What the process remembers is the body as it was written. */
  function unwrap(record: SessionRecord): SessionRecord {
    const body = envelope.open(record)
    return body === record.body ? record : { ...record, body }
  }

  return ({ record, idleUntil }) => {
    if (record.format > NEWEST) {
      throw newer(`Its format is ${record.format}; this version knows ${NEWEST}.`)
    }
    try {
      const opened = unwrap(record)
      return { record: opened, idleUntil, ...readBody(opened.body), values: new SharedValues() }
    } catch (error) {
      if (error instanceof NewerBody) throw newer(error.message)
      if (error instanceof StoreError) throw error
      return undefined
    }
  }
}

function newer(detail: string): StoreError {
  return new StoreError(
    'ERR_RECORD_NEWER',
    `The session was written in a format that this version does not know, and is kept as it is. ${detail} Finish the deploy.`,
  )
}
