/** Brings requests together, so that they overlap for certain and not by luck. */
export class Meetings {
  readonly #waiting = new Map<string, { missing: number; readonly promise: Promise<void>; readonly open: () => void }>()

  /** Resolves for all when that many have come to the place. Afterwards the place is free for the next meeting. */
  at(place: string, parties: number): Promise<void> {
    const meeting = this.#waiting.get(place) ?? this.#convene(place, parties)
    meeting.missing--
    if (meeting.missing === 0) {
      this.#waiting.delete(place)
      meeting.open()
    }
    return meeting.promise
  }

  #convene(place: string, parties: number): { missing: number; promise: Promise<void>; open: () => void } {
    const { promise, open } = latch()
    const meeting = { missing: parties, promise, open }
    this.#waiting.set(place, meeting)
    return meeting
  }
}

/** A door that is opened once, for all who wait and all who come later. */
export interface Latch {
  readonly promise: Promise<void>
  open(): void
}

/** Makes a {@link Latch}. */
export function latch(): Latch {
  let open = (): void => {}
  const promise = new Promise<void>((resolve) => {
    open = resolve
  })
  return { promise, open: () => open() }
}
