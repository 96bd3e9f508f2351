const assert = require('node:assert/strict')
const { dependencies } = require('./package.json')

for (const name of Object.keys(dependencies)) assert.ok(Object.keys(require(name)).length > 0, `${name} is empty`)
