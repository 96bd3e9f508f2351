import { createSessions, isHoldfastError, memoryStore, type Exchange, type SessionStore } from '@holdfast/core'

declare module '@holdfast/core' {
  interface Register {
    data: { cart: string[]; visits: number }
  }
}

const store: SessionStore = memoryStore()
const sessions = createSessions({ store, idleTimeout: '30m', cookie: { sameSite: 'lax' } })

export async function handle(exchange: Exchange): Promise<readonly string[]> {
  const session = await sessions.open(exchange)
  session.update('cart', (cart = []) => [...cart, 'apple'])
  session.increment('visits')
  const visits: number | undefined = session.get('visits')
  // @ts-expect-error -- the field is not registered
  session.get('carts')
  // @ts-expect-error -- the field holds text
  session.set('cart', [visits])
  // @ts-expect-error -- the field holds no number
  session.increment('cart')
  // @ts-expect-error -- what is read is frozen
  session.get('cart')?.push('pear')
  await session.commit()
  return session.get('cart') ?? []
}

export function statusOf(error: unknown): number {
  if (!isHoldfastError(error)) return 500
  switch (error.code) {
    case 'ERR_OPTIONS':
      return error.problems.length
    case 'ERR_GONE':
      // @ts-expect-error -- only errors of options list problems
      return error.problems.length
    default:
      return error.status
  }
}

// @ts-expect-error -- the option is misspelt
createSessions({ store, idleTimeOut: '30m' })
