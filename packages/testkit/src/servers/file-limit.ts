import { execFileSync } from 'node:child_process'

import type { Account } from './account.ts'

/** Part of util-linux, which every Linux has. */
const PRLIMIT = 'prlimit'

/**
 * Lets processes of Linux, and those that they start from now on, make no file larger than that many bytes;
 * `undefined` for as large as they like.
 *
 * @param account whose processes they are: root alone may not limit others'
 */
export function limitFileSize(pids: readonly number[], bytes: number | undefined, account: Account): void {
  for (const pid of pids) {
    // The soft limit, so that it can be raised again.
    const limit = `--fsize=${bytes ?? 'unlimited'}:`
    try {
      execFileSync(PRLIMIT, ['--pid', String(pid), limit], { stdio: ['ignore', 'ignore', 'pipe'], ...account })
    } catch (error) {
      if (!String(error).includes('No such process')) throw error
    }
  }
}
