const express = require('express')
const holdfast = require('@holdfast/express')
const { start } = require('./app.cjs')
const { prove } = require('./prove.cjs')

test('an app with sessions runs under Jest', async () => {
  await expect(prove(() => start(express, holdfast))).resolves.toBeUndefined()
})
