import { endFunctionFor } from './end-function.ts'
import type { Names } from './names.ts'
import { renewFunctionFor } from './renew-function.ts'

/** Version 2: aliases hold a sealed token. The older function behind `renew` stays, for processes that still call it. */
export function sealedTokens(names: Names): string {
  const { table, renewal } = names
  return [
    `
ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS sealed_token bytea;`,
    renewFunctionFor(names, {
      name: renewal,
      parameters: ', p_sealed_token bytea',
      assignments: ' sealed_token = p_sealed_token,',
    }),
    endFunctionFor(names, 'successor = NULL, grace_until = NULL, sealed_token = NULL'),
  ].join('')
}
