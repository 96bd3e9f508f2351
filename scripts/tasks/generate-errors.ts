import { ERRORS, type ErrorFacts } from '../../packages/core/src/contracts/errors.ts'
import { WARNINGS } from '../../packages/core/src/contracts/warnings.ts'

/** What is said of each class of errors. Its heads come in this order. */
const CLASSES: Readonly<Record<ErrorFacts['name'], string>> = {
  StoreError:
    'The store failed, or what it holds cannot be served now. `isOutcomeUnknown` tells whether a write may still have been applied.',
  GoneError: 'A change lost to the end or the renewal of its session.',
  AuthError: 'Who asks has not proved well enough, or not lately enough, who they are. `missing` names what is.',
  LimitError: 'Who signs in has as many sessions as they may.',
  ConflictError: 'A change lost to another change.',
  ValueError: 'A session cannot keep this value, or a field of this name.',
  UsageError: 'The library was used in a way that cannot work.',
  OptionsError: 'Options are wrong. `problems` lists all of them, each with its `path` and a `message`.',
}

const HEAD = `# Errors and warnings

<!-- Generated from packages/core/src/contracts/{errors,warnings}.ts by \`npm run docs:check -- --write\`. -->

Every error of Holdfast has a stable \`code\`, a \`status\` (and the same \`statusCode\`) that a framework answers with,
and \`isRetryable\`, which tells whether the same request may succeed when it is made again. Recognise one by
\`isHoldfastError(error)\`; then \`switch (error.code)\` narrows to its class.`

/** Answers what `docs/errors.md` has to say: every code of an error or a warning, with the way out. */
export function generateErrors(): string {
  const classes = Object.entries(CLASSES).map(([name, about]) => {
    const errors = Object.entries(ERRORS).filter(([, facts]) => facts.name === name)
    return [`## ${name}\n\n${about}`, ...errors.map(errorText)].join('\n\n')
  })
  const warnings = Object.entries(WARNINGS).map(([code, when]) => `### ${code}\n\n${when}`)
  const about = 'Sent by `process.emitWarning`, each code once per engine. They never change what happens.'
  return [HEAD, ...classes, `## Warnings\n\n${about}`, ...warnings].join('\n\n') + '\n'
}

function errorText([code, { status, isRetryable, when, fix }]: [string, ErrorFacts]): string {
  return `### ${code}

Status ${status}, ${isRetryable ? 'may succeed when retried' : 'will not succeed when retried'}.

**When.** ${when}

**What to do.** ${fix}`
}
