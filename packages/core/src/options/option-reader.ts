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

  /** Names that exist nowhere, with what to write instead, or the name that was probably meant. */
  knownNames(
    given: object,
    known: readonly string[],
    prefix = '',
    instead: Readonly<Record<string, string>> = {},
  ): void {
    for (const name of Object.keys(given)) {
      if (known.includes(name)) continue
      if (Object.hasOwn(instead, name)) {
        this.reject(prefix + name, instead[name]!)
        continue
      }
      const nearest = closest(name, [...known])
      const hint =
        distance(name.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, name.length / 2)
          ? ` Did you mean \`${prefix}${nearest}\`?`
          : known.length === 1
            ? ` There is \`${prefix}${nearest}\`.`
            : ''
      this.reject(prefix + name, `there is no such option.${hint}`)
    }
  }

  /** Whoever writes a secret at the wrong place must not find it in a log, so only its kind is told. */
  object(path: string, value: unknown, example?: string): Readonly<Record<string, unknown>> {
    if (value === undefined) return {}
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    const advice = example === undefined ? '' : ` Write \`${example}\`.`
    this.reject(path, `${kindOf(value)} is no object.${advice}`)
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

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'boolean' || value === null ? String(value) : `a ${typeof value}`
}
