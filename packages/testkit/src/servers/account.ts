import { readFileSync } from 'node:fs'

/** Whom a program runs as; empty for whoever runs the tests. */
export interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** Finds an account for programs that refuse root: `postgres` or else `nobody`; nobody else where the tests are not root. */
export function plainAccount(): Account {
  if (process.getuid?.() !== 0) return {}
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL and pgbouncer refuse to run as root, and there is neither a user postgres nor nobody.')
}
