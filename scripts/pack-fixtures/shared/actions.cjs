/** What the routes of every app do with the session. */
exports.login = (session) => session.login('user-42')
exports.logout = (session) => session.logout()
exports.addToCart = (session, sku) => session.update('cart', (cart = []) => [...cart, sku])
exports.show = (session) => ({ user: session.subject ?? null, cart: session.get('cart') ?? [] })

exports.keepValues = (session) => {
  session.set('when', new Date(0))
  session.set('tags', new Map([['a', 1]]))
  session.set('bytes', Uint8Array.of(1, 2, 3))
  session.set('big', 12345678901234567890n)
}

exports.showValues = (session) => ({
  when: session.get('when').toISOString(),
  tags: [...session.get('tags')],
  bytes: [...session.get('bytes')],
  big: String(session.get('big')),
})
