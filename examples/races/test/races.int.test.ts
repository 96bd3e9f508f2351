import { PEERS } from '#peers'
import { createBrowser } from 'example-harness'
import { describe, expect, it } from 'vitest'

import { createDesk } from '../src/desk.ts'
import { HOLDFAST } from '../src/holdfast/index.ts'
import { formatTable } from '../src/table.ts'
import { compete, type Result } from '../src/tournament.ts'

const ROUNDS = 60

function losses({ losses: counts }: Result): readonly (number | undefined)[] {
  return ['lost writes', 'revived sessions', 'redirects before the save'].map((title) => counts[title])
}

describe.each(HOLDFAST)('$name', (contender) => {
  it('loses nothing', async () => {
    expect(losses(await compete(contender, ROUNDS))).toEqual([0, 0, 0])
  })
})

// The rows that show that the races really take place: what each of the peers is known for.
describe.each(PEERS)('$name, $store', (contender) => {
  it('loses a write and revives a session in every round', async () => {
    const [writes, sessions, redirects = 0] = losses(await compete(contender, ROUNDS))
    expect([writes, sessions]).toEqual([ROUNDS, ROUNDS])
    const isEarly = contender.name === 'express-session' && contender.store === 'distant'
    expect(redirects > 0).toBe(isEarly)
  })
})

// What the slow request of the logout race is told: Holdfast refuses its change, the others claim to have kept it.
describe.each([
  ...HOLDFAST.map((contender) => ({ contender, status: 401 })),
  ...PEERS.map((contender) => ({ contender, status: 204 })),
])('$contender.name, $contender.store', ({ contender, status }) => {
  it(`answers ${status} to a change that comes after the logout`, async () => {
    const desk = createDesk()
    const { url, close } = await contender.start(desk)
    const browser = createBrowser(url)
    await (await browser.request('/login', { method: 'POST' })).text()
    const slow = browser.request('/fields/basket/slow', { method: 'POST' })
    await desk.arrived('slow', 1)
    await browser.request('/logout', { method: 'POST' })
    desk.done('slow')
    expect((await slow).status).toBe(status)
    await close()
  })
})

it('lays the table out', () => {
  const table = formatTable([
    {
      name: 'one',
      store: 'distant',
      losses: { 'lost writes': 3, 'revived sessions': 0, 'redirects before the save': 1 },
    },
  ])
  expect(table).toBe(
    [
      '| library | store   | lost writes | revived sessions | redirects before the save |',
      '|---------|---------|------------:|-----------------:|--------------------------:|',
      '| one     | distant |           3 |                0 |                         1 |',
    ].join('\n'),
  )
})
