import { inspect } from 'node:util'

import { closest, distance } from 'fastest-levenshtein'

import { parseDuration } from '../contracts/duration.ts'
import type { OptionProblem } from '../contracts/errors.ts'

/** Notes problems instead of throwing at the first. */
export class OptionReader {
  readonly problems: OptionProblem[] = []

  reject(path: string, message: string): void {
    this.problems.push({ path, message })
  }

  /** Names that exist nowhere, with the one that was probably meant. */
  knownNames(given: object, known: readonly string[], prefix = ''): void {
    for (const name of Object.keys(given)) {
      if (known.includes(name)) continue
      const nearest = closest(name, [...known])
      const hint =
        distance(name.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, name.length / 2)
          ? ` Did you mean \`${prefix}${nearest}\`?`
          : ''
      this.reject(prefix + name, `there is no such option.${hint}`)
    }
  }

  object(path: string, value: unknown): Readonly<Record<string, unknown>> {
    if (value === undefined) return {}
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    this.reject(path, `${inspect(value)} is no object.`)
    return {}
  }

  oneOf<Choice>(path: string, value: unknown, choices: readonly Choice[], fallback: Choice): Choice {
    if (value === undefined) return fallback
    if (choices.includes(value as Choice)) return value as Choice
    this.reject(path, `${inspect(value)} is none of ${choices.map((choice) => inspect(choice)).join(', ')}.`)
    return fallback
  }

  length(path: string, value: unknown, fallback: number, longest: number, why: string): number {
    if (value === undefined) return fallback
    const length = parseDuration(value)
    if (length === undefined || length <= 0) {
      this.reject(
        path,
        `${inspect(value)} is no length of time. Write milliseconds, or text such as '250ms', '30m', '8h', '14d'.`,
      )
      return fallback
    }
    if (length > longest) this.reject(path, `${inspect(value)} is too long. ${why}`)
    return length
  }
}
