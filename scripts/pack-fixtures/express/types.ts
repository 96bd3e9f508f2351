import express from 'express'
import { createSessions, expressSessions, memoryStore } from '@holdfast/express'

declare module '@holdfast/express' {
  interface Register {
    data: { cart: string[]; visits: number }
  }
}

const sessions = createSessions({ store: memoryStore() })
const app = express()

app.use(expressSessions(sessions))
app.post('/cart/:sku', (req, res) => {
  req.session.update('cart', (cart = []) => [...cart, req.params.sku])
  const visits: number | undefined = req.session.get('visits')
  const cart: readonly string[] | undefined = sessions.of(req).get('cart')
  // @ts-expect-error -- the field is not registered
  req.session.get('carts')
  // @ts-expect-error -- the field holds text
  req.session.set('cart', [visits])
  res.json(cart)
})

// @ts-expect-error -- the option is misspelt
expressSessions(sessions, { lod: 'lazy' })

const other = createSessions<{ theme: 'dark' | 'light' }>({ store: memoryStore() })

app.get('/theme', expressSessions(other, { property: 'hold' }), (req, res) => {
  other.of(req).set('theme', 'dark')
  // @ts-expect-error -- there is no such theme
  other.of(req).set('theme', 'green')
  res.sendStatus(204)
})
