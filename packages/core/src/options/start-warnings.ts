import { inspect } from 'node:util'

import type { Transport } from '../contracts/transport.ts'
import { describeCookie } from '../mechanisms/cookie-transport.ts'
import type { Warn } from '../mechanisms/warner.ts'
import type { CommonSettings } from './options.ts'

/** Names what a program should know of its settings before the first request. */
export function warnAtStart(
  settings: CommonSettings,
  { transports, isStoreMissing }: { readonly transports: readonly Transport[]; readonly isStoreMissing: boolean },
  warn: Warn,
): void {
  const { cookie, isProduction, isModeUnset } = settings
  const memory =
    'No store was given, so sessions live in the memory of this process and end with it. Write `store: memoryStore()` to choose that.'
  const mode = `NODE_ENV is unset, so this engine runs in development mode${describeTransports(settings, transports)}. Set NODE_ENV=production where it serves users.`
  if (isStoreMissing) warn('WARN_DEFAULT_STORE', isModeUnset ? `${memory} ${mode}` : memory)
  else if (isModeUnset) warn('WARN_NODE_ENV_UNSET', mode)
  if (isProduction && cookie.secure === false) {
    warn(
      'WARN_SECURE_OFF',
      "`cookie.secure` is `false` in production, so whoever sees the traffic can take over sessions. Serve over https and write `secure: 'auto'`.",
    )
  }
  if (cookie.domain !== undefined || cookie.path !== '/') {
    warn(
      'WARN_COOKIE_SHARED',
      `\`cookie.${cookie.domain === undefined ? 'path' : 'domain'}\` is ${inspect(cookie.domain ?? cookie.path)}, so the cookie is \`${describeCookie(settings, true).name}\`: ` +
        'other hosts or paths of the site can set it too. Leave the option out for a `__Host-` cookie.',
    )
  }
}

function describeTransports(settings: CommonSettings, transports: readonly Transport[]): string {
  if (!transports.some(({ name }) => name === 'cookie')) return ''
  const plain = describeCookie(settings, false)
  const secure = describeCookie(settings, true)
  return `: over plain http the cookie is \`${plain.name}\` (${plain.attributes}), over https \`${secure.name}\` (${secure.attributes})`
}
