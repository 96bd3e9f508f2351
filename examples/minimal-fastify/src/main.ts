import { createSessions, fastifySessions, memoryStore } from '@holdfast/fastify'
import Fastify from 'fastify'

declare module '@holdfast/fastify' {
  interface Register {
    data: { cart: string[] }
  }
}

const app = Fastify()
await app.register(fastifySessions, { sessions: createSessions({ store: memoryStore() }) })

app.get('/', async ({ session }) => ({ user: session.subject ?? null, cart: session.get('cart') ?? [] }))
app.post('/login', async (request, reply) => {
  request.session.login('user-42') // new token, bound to the user
  return reply.redirect('/') // leaves after the commit
})
app.post<{ Params: { sku: string } }>('/cart/:sku', async (request, reply) => {
  request.session.update('cart', (cart = []) => [...cart, request.params.sku]) // replayed on conflict: nothing lost
  return reply.code(204).send()
})
app.post('/logout', async (request, reply) => {
  request.session.logout()
  return reply.redirect('/')
})
console.log(await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' }))
