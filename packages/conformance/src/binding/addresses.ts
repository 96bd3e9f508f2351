import assert from 'node:assert/strict'

import { OK } from './answers.ts'
import type { BindingTheme } from './binding-case.ts'
import type { BindingTrial, TrialOptions, TrialRoutes } from './binding-trial.ts'

const ROUTES: TrialRoutes = { 'GET /login': (session) => (session.login('ann'), OK) }

/** Where the suite itself is. */
const HERE = '127.0.0.0/24'

const FORWARDED = {
  headers: { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' },
} as const satisfies TrialOptions

/** Signs in, and answers the network that the list of sessions shows. */
async function listedAddress(trial: BindingTrial, options: TrialOptions): Promise<string | undefined> {
  const browser = await trial.serve(ROUTES, options)
  assert.equal((await browser.get('/login')).status, 200)
  const { sessions } = await trial.sessions.list('ann')
  assert.equal(sessions.length, 1)
  return sessions[0]?.address
}

/** Where the client is, as far as the framework trusts what it is told. */
export const addressesTheme: BindingTheme = {
  name: 'addresses of clients',
  cases: [
    {
      rule: 'ASVS 15.3.4: the network of a client is that of its connection where nobody tells another',
      prove: async (trial) => assert.equal(await listedAddress(trial, {}), HERE),
    },
    {
      rule: 'ASVS 15.3.4: the network of a client is the one that a trusted proxy tells, and never the address',
      prove: async (trial) => assert.equal(await listedAddress(trial, FORWARDED), '203.0.113.0/24'),
    },
    {
      rule: 'ASVS 15.3.4: an application that trusts no proxy believes nobody who tells an address',
      prove: async (trial) => assert.equal(await listedAddress(trial, { ...FORWARDED, isProxyTrusted: false }), HERE),
    },
  ],
}
