const Koa = require('koa')
const holdfast = require('@holdfast/koa')
const { start } = require('./app.cjs')
const { prove } = require('./prove.cjs')

prove(() => start(Koa, holdfast)).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
