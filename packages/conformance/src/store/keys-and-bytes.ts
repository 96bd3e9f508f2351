import { randomBytes } from 'node:crypto'
import { assertAbsent, assertAlias, assertKept, assertMoved, assertOutcome } from './assertions.ts'
import { nextRecord, randomCommitId, randomKey, sampleRecord, sampleRenewal, sampleTombstone } from './sample.ts'
import type { StoreTheme } from './store-case.ts'
import type { Trial } from './trial.ts'

const DAY = 86_400_000

/** Subjects that have confused software before. */
export const HOSTILE_SUBJECTS: readonly string[] = [
  '',
  ' ',
  '0',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'undefined',
  'null',
  "Robert'); DROP TABLE sessions;--",
  '"quoted" \\ back\\\\slashed %s $1 {0} {key}',
  'a:b:*?[c]',
  'line\nbreak\r\ntab\t',
  'nul\u0000byte',
  'ünïcödé',
  'u\u0308ni\u0308co\u0308de\u0301',
  '漢字 العربية 🧑‍🚀',
  'User',
  'user',
  'user ',
  'x'.repeat(512),
  '🧨'.repeat(256),
]

/** Keys that differ only in what careless comparison overlooks. */
const LOOKALIKE_KEYS: readonly string[] = [
  'AAAAAAAAAAAAAAAAAAAAAA',
  'aaaaaaaaaaaaaaaaaaaaaa',
  'AAAAAAAAAAAAAAAAAAAAAQ',
  'QAAAAAAAAAAAAAAAAAAAAA',
  '----------------------',
  '______________________',
  '-_-_-_-_-_-_-_-_-_-_-A',
  '0000000000000000000000',
  '__proto__AAAAAAAAAAAAA',
]

export const keysAndBytesTheme: StoreTheme = {
  name: 'keys and bytes',
  cases: [
    {
      rule: 'a body of every byte comes back byte for byte, from create, update and renew',
      prove: (trial) =>
        proveBody(
          trial,
          Uint8Array.from({ length: 256 }, (_, byte) => byte),
        ),
    },
    {
      rule: 'an empty body comes back empty',
      prove: (trial) => proveBody(trial, new Uint8Array(0)),
    },
    {
      rule: 'a body of 64 KiB comes back whole',
      prove: (trial) => proveBody(trial, randomBytes(65_536)),
    },
    {
      rule: 'a body that is no UTF-8 comes back byte for byte',
      prove: (trial) => proveBody(trial, Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0, 0x0d, 0x0a)),
    },
    {
      rule: 'a body that is a view of a larger buffer is kept without what surrounds it',
      async prove(trial) {
        const secret = randomBytes(64)
        await proveBody(trial, secret.subarray(16, 48))
        await proveBody(trial, new Uint8Array(secret.buffer, secret.byteOffset + 8, 8))
      },
    },
    {
      rule: 'a sealed token comes back byte for byte, and an alias without one has none',
      async prove(trial) {
        const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)
        const sealedTokens = [every, Uint8Array.of(0), Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0x0d, 0x0a), undefined]
        for (const sealedToken of [...sealedTokens, every.subarray(100, 150)]) {
          const renewal = sampleRenewal(await trial.given(), trial.now())
          const { successor, at, commitId } = renewal.alias
          const alias = { successor, at, commitId, graceUntil: at + 60_000, ...(sealedToken && { sealedToken }) }
          assertOutcome(await trial.renew({ ...renewal, alias }), 'renewed', renewal.key)
          await assertMoved(trial, renewal.key, alias)
          const late = sampleRenewal({ ...renewal.record, key: renewal.key }, trial.now())
          const answer = await trial.renew(late)
          assertOutcome(answer, 'moved', renewal.key)
          assertAlias(answer.alias, alias)
        }
      },
    },
    {
      rule: 'keys that look alike are different keys',
      async prove(trial) {
        const records = await Promise.all(LOOKALIKE_KEYS.map((key) => trial.given({ key })))
        for (const record of records) await assertKept(trial, record)
        for (const [index, record] of records.entries()) {
          assertOutcome(await trial.end(record.key), 'ended', record.key)
          for (const other of records.slice(index + 1)) await assertKept(trial, other)
        }
      },
    },
    {
      rule: 'a subject comes back as it was given, whatever it consists of',
      async prove(trial) {
        const records = await Promise.all(HOSTILE_SUBJECTS.map((subject) => trial.given({ subject })))
        for (const record of records) await assertKept(trial, record)
        for (const record of records) {
          const next = nextRecord(record, { subject: `${record.subject}'` })
          assertOutcome(await trial.update(next), 'updated', record.key)
          await assertKept(trial, next)
        }
      },
    },
    {
      rule: 'ids and commit ids of base64url come back as they were given',
      async prove(trial) {
        for (const [id, commitId] of [
          ['----------------', '-----------'],
          ['________________', '___________'],
          ['0000000000000000', '00000000000'],
          ['__proto__-------', '__proto__--'],
        ] as const) {
          const record = await trial.given({ id, commits: [commitId] })
          await assertKept(trial, record)
          const tombstone = sampleTombstone(trial.now(), { id, commitId: `${commitId.slice(1)}A` })
          assertOutcome(await trial.end(record.key, tombstone), 'ended', record.key)
          assertOutcome(await trial.end(record.key, tombstone), 'ended', record.key)
        }
      },
    },
    {
      rule: 'every header field comes back as it was given, at its limits too',
      async prove(trial) {
        const now = trial.now()
        for (const overrides of [
          { persistent: true, subject: 'user-1', authenticatedAt: now },
          { subject: 'user-1', authenticatedAt: now - DAY, createdAt: now - DAY },
          { revision: 2 ** 31 },
          { revision: 2 ** 40 },
          { commits: [randomCommitId(), randomCommitId(), randomCommitId(), randomCommitId()] },
          { absoluteAt: now + 400 * DAY, idleTimeout: 399 * DAY },
          { format: 2 },
          { format: 200 },
        ]) {
          const record = await trial.given(overrides)
          await assertKept(trial, record)
          const next = nextRecord(record)
          assertOutcome(await trial.update(next), 'updated', record.key)
          await assertKept(trial, next)
        }
      },
    },
    {
      rule: 'every answer echoes the key that it is about, also when many calls are under way',
      async prove(trial) {
        await Promise.all(Array.from({ length: 20 }, () => proveEcho(trial)))
      },
    },
  ],
}

async function proveBody(trial: Trial, body: Uint8Array): Promise<void> {
  const record = await trial.given({ body })
  await assertKept(trial, record)
  const emptied = nextRecord(record, { body: new Uint8Array(0) })
  await trial.update(emptied)
  await assertKept(trial, emptied)
  const next = nextRecord(emptied, { body })
  assertOutcome(await trial.update(next), 'updated', record.key)
  await assertKept(trial, next)
  const renewal = await trial.givenRenewal(next)
  await assertKept(trial, renewal.record)
}

/** Walks one session through all answers there are; each of them is compared with the key that was asked for. */
async function proveEcho(trial: Trial): Promise<void> {
  const record = sampleRecord(trial.now())
  const { key } = record
  const next = nextRecord(record)
  await assertAbsent(trial, key)
  assertOutcome(await trial.update(next), 'absent', key)
  assertOutcome(await trial.create(record), 'created', key)
  assertOutcome(await trial.create(sampleRecord(trial.now(), { key })), 'exists', key)
  assertOutcome(await trial.update(next), 'updated', key)
  assertOutcome(await trial.update(nextRecord(record)), 'conflict', key)
  await assertKept(trial, next)
  const renewal = sampleRenewal(next, trial.now())
  assertOutcome(await trial.renew(sampleRenewal(record, trial.now())), 'conflict', key)
  assertOutcome(await trial.renew(renewal), 'renewed', key)
  assertOutcome(await trial.load(key), 'moved', key)
  assertOutcome(await trial.update(nextRecord(next)), 'moved', key)
  assertOutcome(await trial.end(key), 'ended', key)
  assertOutcome(await trial.end(key), 'absent', key)
  assertOutcome(await trial.load(key), 'ended', key)
  assertOutcome(await trial.update(nextRecord(next)), 'ended', key)
  assertOutcome(await trial.renew(sampleRenewal(next, trial.now())), 'ended', key)
  assertOutcome(await trial.create(sampleRecord(trial.now(), { key })), 'ended', key)
  const nowhere = randomKey()
  assertOutcome(await trial.end(nowhere), 'absent', nowhere)
}
