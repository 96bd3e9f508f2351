import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { type ManualClock, manualClock } from '../../../test/visit.ts'
import { keyFrom } from './key.ts'
import { type KeyEntry, type KeyList, readKeyList } from './key-list.ts'
import { type KeyRing, type LoadKeys, createKeyRing } from './key-ring.ts'

const EVERY = 60_000
const newSecret = (): string => randomBytes(32).toString('base64url')
const [FIRST, SECOND] = [newSecret(), newSecret()] as const

function stage(): {
  clock: ManualClock
  warnings: string[]
  listed(list: KeyList): KeyRing
  provided(load: LoadKeys): KeyRing
} {
  const clock = manualClock()
  const warnings: string[] = []
  const warn = (code: string, message: string): unknown => warnings.push(`${code} ${message}`)
  const parts = { clock, warn: warn as never, monotonic: () => clock.now() }
  return {
    clock,
    warnings,
    listed: (list) => createKeyRing({ type: 'list', keys: readKeyList(list, 'keys').keys }, parts),
    provided: (load) => createKeyRing({ type: 'provider', load, every: EVERY }, parts),
  }
}

const names = (ring: KeyRing): string[] => ring.all().map(({ secret }) => secret)

describe('a key', () => {
  it('derives one key for each purpose, and a generation, and none says anything of the others', () => {
    const key = keyFrom(FIRST)
    const derived = [key.for('record'), key.for('cookie'), Buffer.from(key.generation, 'base64url')]
    expect(new Set(derived.map((bytes) => Buffer.from(bytes).toString('hex').slice(0, 12))).size).toBe(3)
    expect(key.for('record')).toHaveLength(32)
    expect(keyFrom(FIRST).for('record')).toEqual(key.for('record'))
    expect(keyFrom(FIRST).generation).toBe(key.generation)
    expect(keyFrom(SECOND).generation).not.toBe(key.generation)
    expect(key.generation).toMatch(/^[\w-]{8}$/)
  })

  it('shows its secret to no inspection and no JSON', () => {
    const key = keyFrom(FIRST)
    key.for('record')
    for (const shown of [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key)]) {
      expect(shown).not.toContain(FIRST)
      expect(shown).not.toContain(Buffer.from(key.for('record')).toString('hex').slice(0, 8))
    }
  })
})

describe('a list of secrets', () => {
  const weak: readonly [what: string, secret: unknown, problem: RegExp][] = [
    ['short', newSecret().slice(0, 31), /has 31 characters, and at least 32/],
    ['one of documentation', 'complex_password_at_least_32_characters_long', /everybody knows/],
    ['one of documentation too', 'averylogphrasebiggerthanthirtytwochars', /everybody knows/],
    ['a placeholder', `CHANGE-ME-${newSecret()}`, /everybody knows/],
    ['one character', 'a'.repeat(40), /repeats a shorter text/],
    ['a repetition', 'f8Kq2Lx0'.repeat(5), /repeats a shorter text/],
    ['an alphabet', 'abcdefghijklmnopqrstuvwxyz0123456789', /follows the alphabet/],
    ['too few characters', 'zrkzzrkkrzzkrzkkkrzrkzzzrkkzrzrk', /too few different characters/],
    ['the line of a file', `${newSecret()}\n`, /white space/],
    ['unset', undefined, /no text but undefined\. Is a variable of the environment unset/],
    ['a number', 12_345, /no text but a number\. Write it as text/],
    ['bytes', Buffer.from(newSecret()), /no text but an object\. Write it as text/],
    ['a list', [newSecret()], /no text but an object\. Write it as text/],
  ]
  it.each(weak)('refuses what is %s, names the problem and never the secret', (_, secret, problem) => {
    const { keys, problems } = readKeyList([FIRST, secret], 'seal.keys')
    expect(problems).toMatchObject([{ path: 'seal.keys[1]' }])
    expect(problems[0]?.message).toMatch(problem)
    if (typeof secret === 'string') expect(inspect(problems)).not.toContain(secret.trim())
    expect(keys).toHaveLength(1)
  })

  it('refuses a secret that is there twice, an empty list, an unknown member and what is no instant', () => {
    const problemsOf = (list: unknown): string => inspect(readKeyList(list, 'keys').problems)
    expect(problemsOf([FIRST, FIRST])).toMatch(/that of `keys\[0\]` again/)
    expect(problemsOf([])).toMatch(/no list of secrets/)
    expect(problemsOf(FIRST)).toMatch(/no list of secrets/)
    expect(problemsOf([{ secret: FIRST, sealFrom: 1 }])).toMatch(/no such member as `sealFrom`/)
    expect(problemsOf([{ secret: FIRST, sealsFrom: 'tomorrow' }])).toMatch(/no instant/)
  })

  it('takes every secret that keygen prints, and other random ones', () => {
    const random = fc.uint8Array({ minLength: 32, maxLength: 48 }).filter((bytes) => new Set(bytes).size > 20)
    fc.assert(
      fc.property(random, fc.constantFrom('base64url', 'hex', 'base64'), (bytes, encoding) => {
        expect(readKeyList([Buffer.from(bytes).toString(encoding as 'hex')], 'keys').problems).toEqual([])
      }),
    )
    for (let round = 0; round < 500; round++) expect(readKeyList([newSecret()], 'keys').problems).toEqual([])
  })
})

describe('a key ring', () => {
  it('seals with the first key and opens with all', () => {
    const ring = stage().listed([FIRST, SECOND])
    expect(ring.refresh()).toBeUndefined()
    expect(ring.sealing().secret).toBe(FIRST)
    for (const secret of [FIRST, SECOND]) expect(ring.opening(keyFrom(secret).generation)?.secret).toBe(secret)
    expect(ring.opening(keyFrom(newSecret()).generation)).toBeUndefined()
  })

  it('seals with the first key whose time has come', () => {
    const { clock, listed } = stage()
    const ring = listed([{ secret: FIRST, sealsFrom: new Date(clock.now() + 1000) }, SECOND])
    expect(ring.sealing().secret).toBe(SECOND)
    clock.advance(999)
    expect(ring.sealing().secret).toBe(SECOND)
    clock.advance(1)
    expect(ring.sealing().secret).toBe(FIRST)
  })

  it('asks its provider at first use and once a period, and takes a new key without a restart', async () => {
    const { clock, provided } = stage()
    let list: KeyList = [FIRST]
    const load = vi.fn(async () => list)
    const ring = provided(load)
    expect(load).toHaveBeenCalledTimes(0)
    expect(() => ring.sealing()).toThrow(/ERR_KEYS/)
    await Promise.all([ring.refresh(), ring.refresh()])
    expect(load).toHaveBeenCalledTimes(1)
    expect([ring.sealing().secret, ring.refresh()]).toEqual([FIRST, undefined])

    list = [SECOND, FIRST]
    clock.advance(EVERY)
    expect(ring.refresh()).toBeUndefined()
    await Promise.resolve(ring.learn('nobody')).then(() => {})
    expect(load).toHaveBeenCalledTimes(2)
    expect(names(ring)).toEqual([SECOND, FIRST])
    expect(ring.sealing().secret).toBe(FIRST)
    clock.advance(2 * EVERY - 1)
    await ring.refresh()
    expect(ring.sealing().secret).toBe(FIRST)
    clock.advance(1)
    expect(ring.sealing().secret).toBe(SECOND)
  })

  it('makes a request wait once the keys are two periods old', async () => {
    const { clock, provided } = stage()
    let list: KeyList = [FIRST]
    const ring = provided(() => list)
    await ring.refresh()
    list = [SECOND]
    clock.advance(2 * EVERY)
    const refreshing = ring.refresh()
    expect(refreshing).toBeInstanceOf(Promise)
    await refreshing
    expect(names(ring)).toEqual([SECOND])
  })

  it('goes on with the keys of before while the provider fails, and says so', async () => {
    const { clock, warnings, provided } = stage()
    const answers: LoadKeys[] = [() => [FIRST], () => Promise.reject(new Error('the vault is sealed')), () => ['weak']]
    const ring = provided((terms) => answers.shift()!(terms))
    await ring.refresh()
    for (let round = 0; round < 2; round++) {
      clock.advance(2 * EVERY)
      await ring.refresh()
    }
    expect(ring.sealing().secret).toBe(FIRST)
    expect(warnings).toHaveLength(2)
    expect(warnings[1]).toMatch(/WARN_KEYS_STALE.*`keys\[0\]`: its secret has 4 characters/)
    expect(warnings.join('')).not.toContain("'weak'")
  })

  it('answers ERR_KEYS while there are none, asks once a second at most, and recovers', async () => {
    const { clock, provided } = stage()
    let asked = 0
    let isUp = false
    const ring = provided(async () => {
      asked++
      if (!isUp) throw new Error('the vault is sealed')
      return [FIRST]
    })
    for (let round = 0; round < 5; round++) {
      await expect(ring.refresh()).rejects.toMatchObject({ code: 'ERR_KEYS', status: 503 })
    }
    expect(asked).toBe(1)
    isUp = true
    clock.advance(1000)
    await ring.refresh()
    expect(ring.sealing().secret).toBe(FIRST)
  })

  it('asks early for a generation that it does not have, and once a second at most', async () => {
    const { clock, provided } = stage()
    let list: KeyList = [FIRST]
    const load = vi.fn(async () => list)
    const ring = provided(load)
    await ring.refresh()
    const { generation } = keyFrom(SECOND)
    list = [{ secret: SECOND, sealsFrom: 0 }, FIRST]
    expect(ring.learn(generation)).toBeUndefined()
    clock.advance(1000)
    await ring.learn(generation)
    expect(load).toHaveBeenCalledTimes(2)
    expect(ring.opening(generation)?.secret).toBe(SECOND)
    expect(ring.learn(generation)).toBeUndefined()
  })

  it('opens on every process before it seals on any, whenever they are used', async () => {
    const uses = fc.array(fc.tuple(fc.nat(2), fc.nat(EVERY)), { minLength: 10, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(uses, fc.nat(EVERY), async (steps, changesAt) => {
        const { clock, provided } = stage()
        let list: KeyList = [FIRST]
        const rings = [0, 1, 2].map(() => provided(() => list))
        for (const ring of rings) await ring.refresh()
        clock.advance(changesAt)
        list = [SECOND, FIRST]
        const sealedBy = new Set<string>()
        for (const [index, pause] of steps) {
          clock.advance(pause)
          const ring = rings[index]!
          // What a request does before it opens what any process has sealed before, and seals itself.
          await ring.refresh()
          for (const generation of sealedBy) expect(ring.opening(generation)).toBeDefined()
          sealedBy.add(ring.sealing().generation)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('takes an entry of a provider at its word, at once', async () => {
    const { clock, provided } = stage()
    const second: KeyEntry = { secret: SECOND, sealsFrom: clock.now() + EVERY }
    const ring = provided(() => [second, FIRST])
    await ring.refresh()
    expect(ring.sealing().secret).toBe(FIRST)
    clock.advance(EVERY)
    await ring.refresh()
    expect(ring.sealing().secret).toBe(SECOND)
  })
})
