import { createSessions, expressSessions, memoryStore } from '@holdfast/express'
import express from 'express'

declare module '@holdfast/express' {
  interface Register {
    data: { cart: string[] }
  }
}

const sessions = createSessions({ store: memoryStore() })
const app = express()
app.use(expressSessions(sessions))

app.get('/', (req, res) => res.json({ user: req.session.subject ?? null, cart: req.session.get('cart') ?? [] }))
app.post('/login', (req, res) => {
  req.session.login('user-42') // new token, bound to the user
  res.redirect('/') // leaves after the commit
})
app.post('/cart/:sku', (req, res) => {
  req.session.update('cart', (cart = []) => [...cart, req.params.sku]) // replayed on conflict: nothing lost
  res.sendStatus(204)
})
app.post('/logout', (req, res) => {
  req.session.logout()
  res.redirect('/')
})
const port = Number(process.env.PORT ?? 3000)
app.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))
