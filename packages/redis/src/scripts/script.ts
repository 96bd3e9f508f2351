import { createHash } from 'node:crypto'
import { isReply } from '../client/redis-client.ts'

/** A script, and the name under which Redis remembers it. */
export interface Script {
  readonly source: string
  readonly sha: string
}

/** Makes a script of its source. */
export function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

/** Says whether a server does not know a script (any more): it was restarted, or its scripts were flushed. */
export function isForgotten(error: unknown): boolean {
  return isReply(error) && error.message.startsWith('NOSCRIPT')
}
