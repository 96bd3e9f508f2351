import fastify from 'fastify'
import { createSessions, fastifySessions, memoryStore } from '@holdfast/fastify'

declare module '@holdfast/fastify' {
  interface Register {
    data: { cart: string[]; visits: number }
  }
}

const sessions = createSessions({ store: memoryStore() })
const app = fastify()

export async function main(): Promise<void> {
  await app.register(fastifySessions, { sessions })
  app.post<{ Params: { sku: string } }>('/cart/:sku', { config: { session: { load: 'lazy' } } }, async (request) => {
    await request.session.load()
    request.session.update('cart', (cart = []) => [...cart, request.params.sku])
    const visits: number | undefined = request.session.get('visits')
    const cart: readonly string[] | undefined = sessions.of(request).get('cart')
    // @ts-expect-error -- the field is not registered
    request.session.get('carts')
    // @ts-expect-error -- the field holds text
    request.session.set('cart', [visits])
    return cart
  })

  // @ts-expect-error -- the engine is missing
  await app.register(fastifySessions, {})
}
