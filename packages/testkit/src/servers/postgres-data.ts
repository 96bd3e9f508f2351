import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

import type { Account } from './account.ts'
import { removeDirectory, temporaryDirectory } from './directories.ts'

const run = promisify(execFile)

const CACHE = path.resolve(import.meta.dirname, '../../../../.cache/testkit')

/** Fills an empty directory with a database cluster whose superuser is `postgres`, trusted without a password. */
export async function fillWithDatabase(directory: string, program: string, account: Account): Promise<void> {
  await run('cp', ['-R', `${await template(program, account)}/.`, directory])
  if (account.uid !== undefined) await run('chown', ['-R', `${account.uid}:${account.gid}`, directory])
  chmodSync(directory, 0o700)
}

/** Runs initdb, which takes seconds, once for each version of PostgreSQL, and keeps what it made. */
async function template(program: string, account: Account): Promise<string> {
  const { stdout } = await run(program, ['--version'])
  const kept = path.join(CACHE, stdout.trim().replaceAll(/[^\w.]+/g, '-'))
  if (existsSync(kept)) return kept
  const made = temporaryDirectory('initdb', account)
  const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  await run(path.join(path.dirname(program), 'initdb'), ['--pgdata', made, ...options], { cwd: made, ...account })
  mkdirSync(CACHE, { recursive: true })
  const copy = `${kept}.${process.pid}`
  await run('cp', ['-R', made, copy])
  removeDirectory(made)
  try {
    renameSync(copy, kept)
  } catch {
    // Another process was quicker, and made the same.
    removeDirectory(copy)
  }
  return kept
}
