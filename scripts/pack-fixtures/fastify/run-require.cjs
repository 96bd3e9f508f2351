const fastify = require('fastify')
const holdfast = require('@holdfast/fastify')
const { start } = require('./app.cjs')
const { prove } = require('./prove.cjs')

prove(() => start(fastify, holdfast)).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
