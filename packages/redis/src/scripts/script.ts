import { createHash } from 'node:crypto'

/** A script, and the name under which Redis remembers it. */
export interface Script {
  readonly source: string
  readonly sha: string
}

/** Makes a script of its source. */
export function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}
