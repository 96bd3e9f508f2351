const { once } = require('node:events')
const actions = require('./actions.cjs')

exports.start = async (express, { createSessions, expressSessions, memoryStore }) => {
  const sessions = createSessions({ store: memoryStore() })
  const app = express()
  app.use(expressSessions(sessions))
  app.post('/login', (req, res) => {
    actions.login(req.session)
    res.redirect('/')
  })
  app.post('/cart/:sku', (req, res) => {
    actions.addToCart(req.session, req.params.sku)
    res.sendStatus(204)
  })
  app.post('/values', (req, res) => {
    actions.keepValues(req.session)
    res.sendStatus(204)
  })
  app.post('/logout', (req, res) => {
    actions.logout(req.session)
    res.redirect('/')
  })
  app.get('/', (req, res) => res.json(actions.show(req.session)))
  app.get('/values', (req, res) => res.json(actions.showValues(req.session)))

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
