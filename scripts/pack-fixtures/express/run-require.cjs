const express = require('express')
const holdfast = require('@holdfast/express')
const { start } = require('./app.cjs')
const { prove } = require('./prove.cjs')

prove(() => start(express, holdfast)).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
