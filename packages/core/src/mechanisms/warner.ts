import type { WarningCode } from '../contracts/warnings.ts'

/** Emits a warning through `process.emitWarning`, each code once. */
export type Warn = (code: WarningCode, message: string) => void

/** Makes the warner of one engine. Node puts the code in front of the message. */
export function createWarner(): Warn {
  const told = new Set<WarningCode>()
  return (code, message) => {
    if (told.has(code)) return
    told.add(code)
    process.emitWarning(message, { type: 'HoldfastWarning', code })
  }
}
