/** The engine without a framework: opening a session, reading it, and committing nothing. */
import { memoryStore } from '@holdfast/core'

import { measure, measureAsync } from './case.ts'
import { engineOn, exchangeOf, signIn } from './engine.ts'

export async function define(): Promise<void> {
  const sessions = engineOn(memoryStore())
  for (const size of ['350', '4k'] as const) {
    const cookie = `theme=dark; ${await signIn(sessions, size)}; _ga=GA1.1.1234567890.1700000000`
    measureAsync(`engine: load on a hit, ${size} B`, async () => sessions.open(exchangeOf(cookie)))
    measureAsync(`engine: load and read two fields, ${size} B`, async () => {
      const session = await sessions.open(exchangeOf(cookie))
      return [session.get('user'), session.get('visits')]
    })
    measureAsync(`engine: load, read, commit of nothing, ${size} B`, async () => {
      const session = await sessions.open(exchangeOf(cookie))
      const user = session.get('user')
      await sessions.finish(session, { status: 200 })
      return user
    })
  }
  const nobody = exchangeOf('theme=dark; _ga=GA1.1.1234567890.1700000000')
  measure('engine: open without a token', () => sessions.open(nobody))
}
