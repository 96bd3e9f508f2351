import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './workspace.ts'

/** Hashes the contents and names of all files that the globs find, relative to the root. */
export function fingerprint(globs: readonly string[]): string {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`)
  const files = globSync([...globs], { cwd: root, exclude: ['**/node_modules'] })
  for (const file of files.toSorted()) {
    if (statSync(path.join(root, file)).isFile()) hash.update(`\n${file}\n`).update(readFileSync(path.join(root, file)))
  }
  return hash.digest('hex')
}

/** Remembers under a name, in `.cache/`, for which fingerprint a piece of work was done last. */
export class Stamp {
  readonly #file: string

  constructor(name: string) {
    this.#file = path.join(root, '.cache/stamps', name)
  }

  isCurrent(fingerprintNow: string): boolean {
    return existsSync(this.#file) && readFileSync(this.#file, 'utf8') === fingerprintNow
  }

  set(fingerprintNow: string): void {
    mkdirSync(path.dirname(this.#file), { recursive: true })
    writeFileSync(this.#file, fingerprintNow)
  }
}
