/**
 * What is done to bodies between the engine and the store: compressed and then sealed on their way out, unsealed and
 * expanded on their way in. The engine above it knows bodies as they were written.
 */
import { LRUCache } from 'lru-cache'

import { StoreError } from '../../contracts/errors.ts'
import type { OfferedRecord, SessionRecord } from '../../contracts/record.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { compressBody, expandBody } from './compression.ts'
import { SEALED, UnreadableBody, firstByteOf } from './first-byte.ts'
import { beginningOf, generationIn, sealBody, unsealBody } from './record-seal.ts'

/** How records are sealed. */
export interface SealPolicy {
  readonly ring: KeyRing
  /** Keeps apart what lies in different places, although the same key has sealed it. */
  readonly prefix: string
  /** Whether a record that nobody has sealed is read, until its next write seals it. */
  readonly acceptsUnsealed: boolean
}

export interface Envelope {
  /** Answers the record as it is to lie in the store. @throws StoreError `ERR_KEYS` */
  close(record: OfferedRecord): OfferedRecord
  /** Takes note that the store keeps a record that was closed. */
  keep(record: OfferedRecord): void
  /**
   * Answers the body of a record that the store answered, as it was written.
   *
   * @throws StoreError `ERR_KEY_UNKNOWN`; NewerBody, UnreadableBody
   */
  open(record: SessionRecord): Uint8Array
}

export interface EnvelopeTerms {
  /** Bodies from that many bytes on are compressed; `undefined`: none. */
  readonly compressAbove: number | undefined
  readonly seal: SealPolicy | undefined
}

/** How many records are remembered with the generation of their seal, so that not every write is counted anew. */
const SEALS_REMEMBERED = 10_000

export function createEnvelope({ compressAbove = Number.POSITIVE_INFINITY, seal }: EnvelopeTerms): Envelope {
  const seals = new LRUCache<string, string>({ max: SEALS_REMEMBERED })

  function close(record: OfferedRecord): OfferedRecord {
    const compressed = { ...record, body: compressBody(record.body, compressAbove) }
    if (seal === undefined) return compressed
    const key = seal.ring.sealing()
    const sealed = { ...compressed, body: sealBody(compressed, key, seal.prefix) }
    if (seals.get(record.key) === key.generation) return sealed
    return { ...sealed, countedBy: beginningOf(key) }
  }

  function unseal(record: SessionRecord): Uint8Array {
    const generation = generationIn(record.body)
    const key = seal?.ring.opening(generation)
    if (seal === undefined || key === undefined) throw keyUnknown(generation, seal !== undefined)
    const body = unsealBody(record, key, seal.prefix)
    seals.set(record.key, generation)
    return body
  }

  return {
    close,
    keep: ({ key, body }) => {
      if (seal !== undefined) seals.set(key, generationIn(body))
    },
    open: (record) => {
      if (firstByteOf(record.body) === SEALED) return expandBody(unseal(record))
      if (seal === undefined || seal.acceptsUnsealed) return expandBody(record.body)
      throw new UnreadableBody('The body is not sealed.')
    },
  }
}

function keyUnknown(generation: string, isSealing: boolean): StoreError {
  return new StoreError(
    'ERR_KEY_UNKNOWN',
    `The session was sealed by a key of the generation ${generation}, which this process does not have, and is kept as it is. ${
      isSealing
        ? 'Give every process that key, as a further one of `seal.keys`.'
        : 'Give this engine the option `seal`.'
    }`,
  )
}
