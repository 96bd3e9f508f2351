const assert = require('node:assert/strict')
const holdfast = require('@holdfast/core')

assert.ok(typeof holdfast.createSessions({ store: holdfast.memoryStore() }).open === 'function')

module.exports = holdfast
