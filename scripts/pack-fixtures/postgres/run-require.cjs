const pglite = require('@electric-sql/pglite')
const core = require('@holdfast/core')
const postgres = require('@holdfast/postgres')
const pg = require('pg')
const { prove } = require('./prove-postgres.cjs')

prove(core, postgres, pglite, pg).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
