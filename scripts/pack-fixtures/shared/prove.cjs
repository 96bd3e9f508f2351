const assert = require('node:assert/strict')

/** Starts an app of the fixtures and drives it over HTTP: log in, change, read back, log out. All have the same routes. */
exports.prove = async (start) => {
  const { url, close } = await start()
  try {
    const login = await fetch(`${url}/login`, { method: 'POST', redirect: 'manual' })
    assert.equal(login.status, 302)
    const cookie = cookieOf(login)
    assert.match(cookie, /^id=[\w-]{32}$/)

    assert.equal((await send('POST', '/cart/apple', cookie)).status, 204)
    assert.equal((await send('POST', '/cart/pear', cookie)).status, 204)
    assert.deepEqual(await read('/', cookie), { user: 'user-42', cart: ['apple', 'pear'] })

    assert.equal((await send('POST', '/values', cookie)).status, 204)
    assert.deepEqual(await read('/values', cookie), {
      when: '1970-01-01T00:00:00.000Z',
      tags: [['a', 1]],
      bytes: [1, 2, 3],
      big: '12345678901234567890',
    })

    assert.equal((await send('POST', '/logout', cookie)).status, 302)
    assert.deepEqual(await read('/', cookie), { user: null, cart: [] })
  } finally {
    await close()
  }

  function send(method, path, cookie) {
    return fetch(url + path, { method, headers: { cookie }, redirect: 'manual' })
  }

  async function read(path, cookie) {
    const response = await send('GET', path, cookie)
    assert.equal(response.status, 200)
    // Parsed here, because Jest gives a test arrays and objects of its own, unlike those that `fetch` makes.
    return JSON.parse(await response.text())
  }
}

function cookieOf(response) {
  const [line] = response.headers.getSetCookie()
  assert.ok(line, 'no Set-Cookie')
  return line.split(';')[0]
}
