import { createSessions, koaSessions, memoryStore } from '@holdfast/koa'
import Koa from 'koa'

declare module '@holdfast/koa' {
  interface Register {
    data: { cart: string[] }
  }
}

const app = new Koa()
app.use(koaSessions(createSessions({ store: memoryStore() })))

app.use((ctx) => {
  const { method, path, session } = ctx
  const sku = path.startsWith('/cart/') ? path.slice('/cart/'.length) : undefined
  if (method === 'POST' && path === '/login') {
    session.login('user-42') // new token, bound to the user
    ctx.redirect('/') // leaves after the commit
  } else if (method === 'POST' && sku) {
    session.update('cart', (cart = []) => [...cart, sku]) // replayed on conflict: nothing lost
    ctx.status = 204
  } else if (method === 'POST' && path === '/logout') {
    session.logout()
    ctx.redirect('/')
  } else if (path === '/') ctx.body = { user: session.subject ?? null, cart: session.get('cart') ?? [] }
})
const port = Number(process.env.PORT ?? 3000)
app.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))
