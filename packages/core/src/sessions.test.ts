import { describe, expect, it } from 'vitest'

import type { Exchange } from './contracts/exchange.ts'
import { memoryStore } from './mechanisms/memory-store/memory-store.ts'
import { createSessions } from './sessions.ts'

class Visit implements Exchange {
  readonly secure = false
  readonly carrier = this
  readonly headers: [string, string][] = []
  readonly cookie: string | undefined
  constructor(cookie?: string) {
    this.cookie = cookie
  }
  header(name: string): string | undefined {
    return name === 'cookie' ? this.cookie : undefined
  }
  appendHeader(name: string, value: string): void {
    this.headers.push([name, value])
  }
  get sent(): string {
    return this.headers.map(([name, value]) => `${name}: ${value}`).join('\n')
  }
  get newCookie(): string | undefined {
    return this.headers.findLast(([name]) => name === 'Set-Cookie')?.[1].split(';')[0]
  }
}

describe('a session over several requests', () => {
  it('is created, read, changed and ended', async () => {
    const sessions = createSessions<{ cart: string[]; visits: number }>({ store: memoryStore() })
    const first = new Visit()
    const begun = await sessions.open(first)
    begun.set('cart', ['tea'])
    begun.increment('visits')
    expect(begun.get('cart')).toEqual(['tea'])
    await sessions.finish(begun, { status: 200 })
    expect(first.sent).toMatch(/Set-Cookie: id=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax/)

    const second = new Visit(first.newCookie)
    const again = await sessions.open(second)
    expect(again.get('cart')).toEqual(['tea'])
    again.login('user-1')
    again.update('cart', (cart = []) => [...cart, 'milk'])
    await sessions.finish(again, { status: 302 })
    expect(second.newCookie).not.toBe(first.newCookie)

    const third = new Visit(second.newCookie)
    const signedIn = await sessions.open(third)
    expect(signedIn.subject).toBe('user-1')
    expect(signedIn.get('cart')).toEqual(['tea', 'milk'])
    expect(signedIn.get('visits')).toBe(1)
    signedIn.logout()
    signedIn.set('cart', [])
    await sessions.finish(signedIn, { status: 200 })
    const fourth = await sessions.open(new Visit(second.newCookie))
    expect(fourth.isNew).toBe(true)
    const old = await sessions.open(new Visit(first.newCookie))
    expect(old.isNew).toBe(true)
    await sessions.close()
  })
})
