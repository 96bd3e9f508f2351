/** A process of its own, since whatever else a process does would be measured too: `node --expose-gc`, sessions, bytes allowed. */
import { cacheSessions } from './cached-sessions.ts'

const [sessions, maxBytes] = process.argv.slice(2).map(Number)
const fieldsOf = (user: string): object => ({
  user,
  visits: 7,
  name: 'Ada Byron King, Countess of Lovelace',
  email: `${user}@example.com`,
  locale: 'en-GB',
  roles: ['customer', 'reviewer'],
  cart: [1000, 1001].map((number) => ({ sku: `sku-${number}`, quantity: 2, price: 1995 })),
  csrf: 'pT0zYV2h9Qm4rXk7sWb1NcEd',
})
const { bytes, held } = cacheSessions(sessions!, maxBytes!, fieldsOf)
process.stdout.write(JSON.stringify({ bytes, held: held() }))
