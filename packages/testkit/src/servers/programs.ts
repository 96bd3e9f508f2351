import { accessSync, constants, readdirSync } from 'node:fs'
import path from 'node:path'

import { installPackage } from './debian-packages.ts'

/** The Debian package of each program that the tests start. */
const PACKAGES = {
  'redis-server': 'redis-server',
  postgres: 'postgresql',
  pgbouncer: 'pgbouncer',
  chromium: 'chromium',
} as const

/** A server that the tests start, or the browser. */
export type TestProgram = keyof typeof PACKAGES

/** Where Debian keeps PostgreSQL: a folder for each version, and in no PATH. */
const POSTGRES_VERSIONS = '/usr/lib/postgresql'

/**
 * Finds a program. Where it is missing, and the tests run as root on Debian, it is installed.
 *
 * @throws an error with the command to run, where it cannot be installed
 */
export async function testProgram(name: TestProgram): Promise<string> {
  const found = find(name)
  if (found !== undefined) return found
  await installPackage(PACKAGES[name], () => find(name) !== undefined)
  const installed = find(name)
  if (installed === undefined) throw new Error(`The package ${PACKAGES[name]} is installed, but brought no ${name}.`)
  return installed
}

function find(name: TestProgram): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin']
  return [...folders.filter(Boolean), ...postgresFolders()]
    .map((folder) => path.join(folder, name))
    .find((file) => isProgram(file))
}

/** Newest first. */
function postgresFolders(): string[] {
  try {
    const versions = readdirSync(POSTGRES_VERSIONS).sort((left, right) => Number(right) - Number(left))
    return versions.map((version) => path.join(POSTGRES_VERSIONS, version, 'bin'))
  } catch {
    return []
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
