/** Refuses calls while a store fails again and again, and lets one through now and then to see whether it is back. */
export interface Circuit {
  /** Whether a call may be sent. While the circuit is open, one trial at a time is let through. */
  admits(): boolean
  succeeded(): void
  failed(): void
}

export interface CircuitOptions {
  /** How many failures in a row open it. */
  readonly threshold: number
  /** How long it stays open before a trial, in milliseconds. */
  readonly pause: number
  /** Monotonic milliseconds: a step of the wall clock must not keep a circuit open. */
  readonly monotonic: () => number
}

export function createCircuit({ threshold, pause, monotonic }: CircuitOptions): Circuit {
  let failures = 0
  let nextTrialAt = 0
  return {
    admits: () => {
      if (failures < threshold) return true
      const now = monotonic()
      if (now < nextTrialAt) return false
      nextTrialAt = now + pause
      return true
    },
    succeeded: () => {
      failures = 0
    },
    failed: () => {
      failures++
      if (failures === threshold) nextTrialAt = monotonic() + pause
    },
  }
}
