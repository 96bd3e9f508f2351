const { once } = require('node:events')
const actions = require('./actions.cjs')

exports.start = async (Koa, { createSessions, koaSessions, memoryStore }) => {
  const sessions = createSessions({ store: memoryStore() })
  const app = new Koa()
  app.use(koaSessions(sessions))
  app.use((ctx) => {
    const [, page, sku] = ctx.path.split('/')
    if (ctx.method === 'GET') {
      ctx.body = page === 'values' ? actions.showValues(ctx.session) : actions.show(ctx.session)
      return
    }
    ctx.status = 204
    if (page === 'cart') actions.addToCart(ctx.session, sku)
    else if (page === 'values') actions.keepValues(ctx.session)
    else {
      actions[page](ctx.session)
      ctx.redirect('/')
    }
  })

  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await sessions.close()
    },
  }
}
