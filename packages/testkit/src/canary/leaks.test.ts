import { hash, randomBytes } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { leaksIn, Secrets } from './leaks.ts'

const secrets = new Secrets()
const token = randomBytes(24).toString('base64url')
const key = hash('sha256', token, 'buffer').toString('base64url', 0, 16)
secrets.add(token)

describe('leaks', () => {
  it.each([
    `id=${token}`,
    `x${token}x`,
    `ioredis:redis write evalsha(${token})`,
    `{ key: '${key}' }`,
    `holdfast:{${key}}`,
  ])('are found in %s', (line) => {
    expect(leaksIn(`before\n${line}\nafter`, secrets)).toEqual([line])
  })

  it.each([
    `2026 ioredis:redis write get(holdfast:{${key}})`,
    token.slice(1),
    key.slice(1),
    randomBytes(24).toString('base64url'),
  ])('are none in %s', (line) => {
    expect(leaksIn(line, secrets)).toEqual([])
  })
})
