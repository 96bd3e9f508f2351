import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { Account } from './account.ts'

const made = new Set<string>()

/** Makes a directory of one's own for a server, readable by its account only. It goes with this process at the latest. */
export function temporaryDirectory(name: string, account: Account = {}): string {
  const directory = mkdtempSync(path.join(tmpdir(), `holdfast-${name}-`))
  giveTo(account, directory)
  if (made.size === 0) process.on('exit', () => made.forEach(removeDirectory))
  made.add(directory)
  return directory
}

/** Makes a directory in one of a server's own. */
export function subdirectory(directory: string, name: string, account: Account = {}): string {
  const subdirectory = path.join(directory, name)
  mkdirSync(subdirectory, { mode: 0o700 })
  giveTo(account, subdirectory)
  return subdirectory
}

/** Removes a directory with all that it holds. */
export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
}

/** Starts something in a directory, and removes that when it cannot be started. */
export async function startIn<Started>(directory: string, start: () => Promise<Started>): Promise<Started> {
  try {
    return await start()
  } catch (error) {
    removeDirectory(directory)
    throw error
  }
}

/** Makes a file or a directory an account's own. */
export function giveTo({ uid, gid }: Account, file: string): void {
  if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid)
}
