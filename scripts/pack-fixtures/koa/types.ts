import Koa from 'koa'
import { createSessions, koaSessions, memoryStore } from '@holdfast/koa'

declare module '@holdfast/koa' {
  interface Register {
    data: { cart: string[]; visits: number }
  }
}

const sessions = createSessions({ store: memoryStore() })
const app = new Koa()

app.use(koaSessions(sessions))
app.use((ctx) => {
  ctx.session.update('cart', (cart = []) => [...cart, ctx.path])
  const visits: number | undefined = ctx.session.get('visits')
  const cart: readonly string[] | undefined = sessions.of(ctx).get('cart')
  // @ts-expect-error -- the field is not registered
  ctx.session.get('carts')
  // @ts-expect-error -- the field holds text
  ctx.session.set('cart', [visits])
  ctx.body = cart
})

// @ts-expect-error -- the option is misspelt
koaSessions(sessions, { lod: 'lazy' })
