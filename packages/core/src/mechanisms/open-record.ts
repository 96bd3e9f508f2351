/** Opens what a store answered: the format is looked at, and the body split into its fields. */
import { StoreError } from '../contracts/errors.ts'
import { RECORD_FORMAT } from '../contracts/record.ts'
import type { Found } from '../contracts/store.ts'
import { NewerBody, readBody } from './body.ts'
import type { OpenRecord } from './live.ts'
import { SharedValues } from './shared-values.ts'

/**
 * Opens a record that a store answered; `undefined` for one that nobody can read.
 *
 * @throws StoreError `ERR_RECORD_NEWER`
 */
export function openRecord({ record, idleUntil }: Found): OpenRecord | undefined {
  if (record.format > RECORD_FORMAT) throw newer(`Its format is ${record.format}; this version knows ${RECORD_FORMAT}.`)
  try {
    return { record, idleUntil, ...readBody(record.body), values: new SharedValues() }
  } catch (error) {
    if (error instanceof NewerBody) throw newer(error.message)
    return undefined
  }
}

function newer(detail: string): StoreError {
  return new StoreError(
    'ERR_RECORD_NEWER',
    `The session was written in a format that this version does not know, and is kept as it is. ${detail} Finish the deploy.`,
  )
}
