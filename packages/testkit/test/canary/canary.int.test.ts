/**
 * What may never appear where, while all that can happen to sessions happens with every debug switch on:
 *
 * | Where | token | secret | key | value |
 * |---|---|---|---|---|
 * | events, warnings, errors with their causes, inspection, output of the process | never | never | never | never |
 * | commands that ioredis prints under `DEBUG=ioredis:*` | never | its password | commands have them | commands have them |
 * | bytes that Node prints under `NODE_DEBUG=stream` | never | – | replies of stores have them | replies have them |
 * | Redis: MONITOR, SLOWLOG | never | never | commands have them | commands have them |
 * | Redis: log file | never | never | never | never |
 * | Postgres: log with `log_statement = all` | never | never | parameters have them | parameters have them |
 * | Postgres: the same with `log_parameter_max_length = 0` | never | never | never | never |
 *
 * Where something may appear it must, or the look would prove nothing. Values are as they lie in the store: of sealed
 * sessions they appear nowhere, and what seals them neither.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'

import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, it } from 'vitest'

import { monitorRedis, startPostgres, startRedis } from '../../src/index.ts'
import { keyOf } from '../promises/stage.ts'
import { type Canary, startCanary } from './canary.ts'
import type { Telling } from './canary-process.ts'
import { type Kind, KINDS, kindsIn, type Marks } from './marks.ts'

const TELLINGS: readonly Telling[] = ['events', 'warnings', 'errors', 'inspection']
/** What drivers say of commands that they send, and Node of bytes that it has received. */
const WIRE = / ioredis:|^STREAM \d+: (?:push|read|emitReadable)/
const NOTHING: readonly Kind[] = []
/** What commands and statements to a store are about. */
const RECORDS: readonly Kind[] = ['key', 'value']

/** Every switch of a PostgreSQL that makes its log longer. */
const TALKATIVE = {
  fsync: 'off',
  log_statement: 'all',
  log_min_duration_statement: '0',
  log_duration: 'on',
  log_connections: 'on',
  log_error_verbosity: 'verbose',
  log_min_messages: 'debug1',
}

const EVENTS = 'created loaded rejected renewed ended conflict gone cookie-withheld store'.split(' ')

type Finished = Awaited<ReturnType<Canary['finish']>>

/** Whether sessions are sealed, and by what. */
const SEALING = [
  { how: 'as they are', sealedBy: [] },
  { how: 'sealed', sealedBy: [newSecret(), newSecret()] },
] as const

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Looks at all that the process itself has told, and answers what may leak. */
function proveSilent(
  { output, ...report }: Finished,
  passwords: readonly string[],
  sealedBy: readonly string[] = [],
): Marks {
  const marks: Marks = { ...report, secrets: [...passwords, ...sealedBy] }
  expect(marks.tokens.length).toBeGreaterThan(15)
  expect(marks.values.length).toBeGreaterThan(40)
  const { errors, events } = report.told
  for (const code of ['ERR_VALUE', 'ERR_GONE', 'ERR_TOO_LARGE', 'ERR_PROPERTY_STYLE', 'ERR_ENDED']) {
    expect(errors.join()).toContain(code)
  }
  for (const name of EVENTS) expect(events.join('\n')).toMatch(new RegExp(`^${name} `, 'm'))
  expect(output).toMatch(/express:|router/)
  expect(output).toMatch(/^HTTP \d+:/m)

  for (const telling of TELLINGS) {
    expect({ telling, kinds: kindsIn(report.told[telling].join('\n'), marks) }).toEqual({ telling, kinds: NOTHING })
  }
  const lines = output.split('\n')
  const own = lines.filter((line) => !WIRE.test(line)).join('\n')
  const wire = lines.filter((line) => WIRE.test(line)).join('\n')
  expect(kindsIn(own, marks)).toEqual(NOTHING)
  expect(kindsIn(wire, marks)).not.toContain('token')
  // A driver says its own password, and no other secret.
  expect(kindsIn(wire, { ...marks, secrets: sealedBy })).not.toContain('secret')
  if (sealedBy.length > 0) expect(kindsIn(wire, marks)).not.toContain('value')
  return marks
}

it.each(KINDS)('a %s is found in whatever form it leaks', (kind) => {
  const token = randomBytes(24).toString('base64url')
  const marks: Marks = { tokens: [token], values: ['canary-value'], secrets: ['canary-secret'] }
  const isText = kind === 'value' || kind === 'secret'
  const leaked = { token, key: keyOf(`id=${token}`), value: 'canary-value', secret: 'canary-secret' }[kind]
  const bytes = isText ? Buffer.from(leaked) : Buffer.from(leaked, 'base64url')
  for (const form of [leaked, bytes.toString('latin1'), bytes.toString('hex'), inspect(bytes)]) {
    expect(kindsIn(`before ${form} after`, marks)).toEqual([kind])
  }
  expect(kindsIn(`before ${leaked.slice(1)} after`, marks)).toEqual([])
})

it.each(SEALING)('no token, key or value leaves a process with sessions in memory, $how', async ({ sealedBy }) => {
  const canary = await startCanary({ type: 'memory' }, sealedBy)
  await canary.walk()
  const finished = await canary.finish()
  proveSilent(finished, [], sealedBy)
  expect(finished.told.events.join('\n')).toMatch(/^reuse /m)
})

it.each(SEALING)(
  'no token leaves for Redis, and no key or value comes back in an error, $how',
  async ({ sealedBy }) => {
    const password = `canary-${randomUUID()}`
    const slowly = ['--slowlog-log-slower-than', '0', '--slowlog-max-len', '100000']
    const server = await startRedis({ args: ['--requirepass', password, ...slowly, '--loglevel', 'debug'] })
    const client = new Redis(server.url)
    const monitor = await monitorRedis(server.url)
    const canary = await startCanary({ type: 'redis', url: server.url }, sealedBy)
    await canary.walk()
    // Each write is refused from now on, with an error to which the client adds what it sent.
    await client.config('SET', 'maxmemory', '1')
    expect(await canary.change()).toEqual([503, 503, 503])
    await monitor.settle()
    const told = monitor.commands.flatMap(({ command }) => command).join('\n')
    const slow = inspect(await client.slowlog('GET', -1), { depth: 5, maxArrayLength: null, maxStringLength: null })
    const log = readFileSync(server.logFile, 'latin1')
    monitor.stop()
    client.disconnect()
    const finished = await canary.finish()
    await server.stop()

    expect(finished.told.errors.join()).toContain('OOM command not allowed')
    const marks = proveSilent(finished, [password], sealedBy)
    const records: readonly Kind[] = sealedBy.length > 0 ? ['key'] : RECORDS
    expect(kindsIn(told, marks)).toEqual(records)
    expect(kindsIn(slow, marks)).toEqual(records)
    expect(kindsIn(log, marks)).toEqual(NOTHING)
  },
)

it('no token leaves for Postgres, and its log need not tell keys and values', async () => {
  const password = `canary-${randomUUID()}`
  const server = await startPostgres({ settings: TALKATIVE })
  const url = new URL(server.url)
  url.password = password
  const client = new pg.Client(server.url)
  await client.connect()
  const set = async (setting: string): Promise<void> => {
    await client.query(`ALTER SYSTEM SET ${setting}`)
    await client.query('SELECT pg_reload_conf()')
  }
  const canary = await startCanary({ type: 'postgres', url: url.href })
  await canary.walk()
  const log = readFileSync(server.logFile, 'latin1')

  await set('log_parameter_max_length = 0')
  // Each process of the server takes the new settings over before its next statement.
  await expect.poll(() => settingSeen(client, 'log_parameter_max_length')).toBe('0')
  const silentFrom = readFileSync(server.logFile, 'latin1').length
  await canary.walk()
  await set('default_transaction_read_only = on')
  await expect.poll(() => canary.change()).toEqual([503, 503, 503])
  const silentLog = readFileSync(server.logFile, 'latin1').slice(silentFrom)
  const finished = await canary.finish()
  await client.end()
  await server.stop()

  expect(finished.told.errors.join()).toContain('read-only transaction')
  const marks = proveSilent(finished, [password])
  expect(kindsIn(log, marks)).toEqual(RECORDS)
  expect(silentLog.length).toBeGreaterThan(100_000)
  expect(kindsIn(silentLog, marks)).toEqual(NOTHING)
})

async function settingSeen(client: pg.Client, name: string): Promise<unknown> {
  const { rows } = await client.query<{ setting: string }>('SELECT setting FROM pg_settings WHERE name = $1', [name])
  return rows[0]?.setting
}
