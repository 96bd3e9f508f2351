export type WarningCode =
  | 'WARN_NODE_ENV_UNSET'
  | 'WARN_DEFAULT_STORE'
  | 'WARN_COOKIE_INSECURE'
  | 'WARN_COOKIE_CROSS_SITE'
  | 'WARN_HEADER_INSECURE'
  | 'WARN_SECURE_OFF'
  | 'WARN_COOKIE_SHARED'
  | 'WARN_MUTATED'
  | 'WARN_EVICTED'
  | 'WARN_TOUCH_FAILED'
  | 'WARN_CHANGES_DROPPED'
  | 'WARN_AMBIGUOUS'
  | 'WARN_NOT_COMMITTED'
  | 'WARN_WATCHER_THREW'
  | 'WARN_KEYS_STALE'

/**
 * Every warning that Holdfast emits through `process.emitWarning`, each code once per engine. The table is the source
 * of the second half of `docs/errors.md`.
 */
export const WARNINGS: Readonly<Record<WarningCode, string>> = {
  WARN_NODE_ENV_UNSET:
    'NODE_ENV is unset, so the engine runs in development mode. The message names the cookie and its flags.',
  WARN_DEFAULT_STORE: 'No store was given, so sessions live in the memory of this process and end with it.',
  WARN_COOKIE_INSECURE: 'A cookie was withheld because the connection is not secure.',
  WARN_COOKIE_CROSS_SITE: "A cookie was withheld because `sameSite: 'none'` needs a secure connection.",
  WARN_HEADER_INSECURE: 'A token was withheld from a response header because the connection is not secure.',
  WARN_SECURE_OFF: '`cookie.secure` is `false` in production: tokens travel in clear text.',
  WARN_COOKIE_SHARED:
    '`cookie.domain` or `cookie.path` shares or narrows the cookie, so `__Secure-` replaces `__Host-`.',
  WARN_MUTATED: 'A Date, Map, Set or typed array was read and then changed in place. The change was not saved.',
  WARN_EVICTED: 'The memory store is full and evicts live sessions.',
  WARN_TOUCH_FAILED: 'Idle deadlines could not be moved. Sessions in use may end early.',
  WARN_CHANGES_DROPPED: 'A handler ended in 5xx, so what it had changed was not saved.',
  WARN_AMBIGUOUS: 'A request carried the tokens of two live sessions, so it got neither.',
  WARN_NOT_COMMITTED: 'A handler took its response over with changes of the session that it had not committed.',
  WARN_WATCHER_THREW: 'A function that watches a session threw an error. The others were told all the same.',
  WARN_KEYS_STALE: 'The provider of keys failed or gave keys that cannot be used. The keys of before go on.',
}
