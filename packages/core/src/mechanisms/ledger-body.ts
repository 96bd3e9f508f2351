/** Writes a ledger as the body of a record. */
import { EMPTY_LEDGER, type Ledger, type Leaving, type Seat } from './seats.ts'

type SeatRow = readonly [id: string, key: string, comingUntil: number]
type LeavingRow = readonly [id: string, until: number]

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export function writeLedger({ seats, leaving }: Ledger): Uint8Array {
  return encoder.encode(
    JSON.stringify({
      seats: seats.map(({ id, key, comingUntil }): SeatRow => [id, key, comingUntil]),
      leaving: leaving.map(({ id, until }): LeavingRow => [id, until]),
    }),
  )
}

/** Reads what {@link writeLedger} has written. Anything else is an empty ledger: the listing is the truth. */
export function readLedger(body: Uint8Array): Ledger {
  try {
    const { seats, leaving } = JSON.parse(decoder.decode(body)) as { seats: SeatRow[]; leaving: LeavingRow[] }
    return {
      seats: seats.map(([id, key, comingUntil]): Seat => ({ id, key, comingUntil })),
      leaving: leaving.map(([id, until]): Leaving => ({ id, until })),
    }
  } catch {
    return EMPTY_LEDGER
  }
}
