const assert = require('node:assert/strict')

/** Watches a session that is about to end, in as much of a page as is needed. */
async function prove(page, watchSession) {
  page.document = { hidden: false, addEventListener() {}, removeEventListener() {} }
  page.fetch = async () => ({
    ok: true,
    json: async () => ({
      isSignedIn: true,
      isSuspended: false,
      level: 1,
      expiresIn: 5000,
      absoluteExpiresIn: 5000,
      endedBecause: null,
    }),
  })
  const warning = await new Promise((resolve) => {
    const watch = watchSession({
      statusUrl: '/session',
      onWarning: (told) => {
        resolve(told)
        setTimeout(() => watch.stop())
      },
    })
  })
  assert.equal(warning.canExtend, false)
  assert.ok(warning.left > 0 && warning.left <= 5000)
}

module.exports = { prove }
