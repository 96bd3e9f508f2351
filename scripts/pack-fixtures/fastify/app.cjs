const actions = require('./actions.cjs')

exports.start = async (fastify, { createSessions, fastifySessions, memoryStore }) => {
  const sessions = createSessions({ store: memoryStore() })
  const app = fastify({ forceCloseConnections: true })
  await app.register(fastifySessions, { sessions })
  app.post('/login', (request, reply) => {
    actions.login(request.session)
    return reply.redirect('/')
  })
  app.post('/cart/:sku', (request, reply) => {
    actions.addToCart(request.session, request.params.sku)
    return reply.code(204).send()
  })
  app.post('/values', (request, reply) => {
    actions.keepValues(request.session)
    return reply.code(204).send()
  })
  app.post('/logout', (request, reply) => {
    actions.logout(request.session)
    return reply.redirect('/')
  })
  app.get('/', async (request) => actions.show(request.session))
  app.get('/values', async (request) => actions.showValues(request.session))

  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    url,
    async close() {
      await app.close()
      await sessions.close()
    },
  }
}
