const core = require('@holdfast/core')
const redis = require('@holdfast/redis')
const ioredis = require('ioredis')
const ioredis5 = require('ioredis5')
const { prove } = require('./prove-redis.cjs')

prove(core, redis, [ioredis, ioredis5]).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
