const { watchSession } = require('@holdfast/client')
const { prove } = require('./prove-client.cjs')

prove(globalThis, watchSession).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
