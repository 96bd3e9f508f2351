const assert = require('node:assert/strict')
const holdfast = require('@holdfast/core')

assert.ok(typeof holdfast.createSessions({ store: holdfast.memoryStore() }).open === 'function')

// What is bundled into the CommonJS copy only as an ES module.
assert.ok(typeof holdfast.cookieSessions({ keys: ['kX9vTq2LmZ7RwB4nYc8HsPdJ5fGt3UaE6oVi1QxKzWy'] }).open === 'function')

module.exports = holdfast
