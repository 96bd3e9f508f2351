/** What measurements of the local cache share: sessions as a store answers them, kept and read, and what they take. */
import { writeBody } from '../src/mechanisms/body.ts'
import { decodeField } from '../src/mechanisms/fields.ts'
import type { OpenRecord } from '../src/mechanisms/live.ts'
import { createOpen } from '../src/mechanisms/open-record.ts'
import { type RecordCache, createRecordCache } from '../src/mechanisms/record-cache.ts'
import { createMint, keyOf } from '../src/mechanisms/token.ts'
import { createValueCodec } from '../src/mechanisms/value-codec.ts'

const codec = createValueCodec()
const mint = createMint()
const open = createOpen({ open: ({ body }) => body })
const feed = { name: 'measured', feeds: 'all', subscribe: () => () => {}, isFeedHealthy: () => true } as const

export interface CachedSessions {
  readonly cache: RecordCache<never>
  readonly tokens: readonly string[]
  /** How many of them the cache still shows. */
  held(): number
  /** By how many bytes they have made the process grow. */
  readonly bytes: number
}

/** Reads fields of a copy as requests do. */
export function readFields({ fields, values }: OpenRecord, names: Iterable<string>): void {
  for (const name of names) {
    if (values.shown(name) !== undefined) continue
    values.read(name, () => decodeField(codec, name, fields.get(name)!, undefined))
  }
}

/** Fills a cache of `maxBytes`. `read` names the fields that are read of each session; all, unless given. */
export function cacheSessions(
  count: number,
  maxBytes: number,
  fieldsOf: (user: string) => object,
  read?: readonly string[],
): CachedSessions {
  const cache = createRecordCache<never>(feed, { maxBytes, maxAge: Number.MAX_SAFE_INTEGER })
  const keepNew = (token: string, index: number): void => {
    const opened = load(token, fieldsOf(`user-${100_000 + index}`))
    readFields(opened, read ?? opened.fields.keys())
    cache.begin(opened.record.key).keep(opened)
  }
  // So that what is made once is there before.
  const first = mint.token()
  for (let index = 0; index < 2000; index++) keepNew(first, index)
  cache.forget(keyOf(first))
  const tokens = Array.from({ length: count }, () => mint.token())
  const before = retained()
  for (const [index, token] of tokens.entries()) keepNew(token, index)
  const bytes = retained() - before
  const held = (): number => tokens.filter((token) => cache.find(keyOf(token)) !== undefined).length
  return { cache, tokens, bytes, held }
}

/** A record of which every string and all bytes are its own, as if they had come over a connection. */
function load(token: string, values: object): OpenRecord {
  const fields = new Map(Object.entries(values).map(([name, value]) => [name, codec.encode(value)]))
  const now = Date.now()
  const record = {
    format: 1,
    key: keyOf(token),
    id: mint.id(),
    revision: 1,
    commits: [mint.commitId(), mint.commitId(), mint.commitId(), mint.commitId()],
    createdAt: now,
    absoluteAt: now + 86_400_000,
    idleTimeout: 3_600_000,
    persistent: false,
    subject: Buffer.from(token).toString(),
    authenticatedAt: now,
    body: writeBody({}, fields),
  }
  return open({ key: record.key, record, idleUntil: now + 3_600_000 })!
}

function retained(): number {
  const collect = globalThis.gc
  if (collect === undefined) throw new Error('Start Node with --expose-gc.')
  for (let round = 0; round < 4; round++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
