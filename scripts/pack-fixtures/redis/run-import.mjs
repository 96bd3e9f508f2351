import * as core from '@holdfast/core'
import * as redis from '@holdfast/redis'
import * as ioredis from 'ioredis'
import * as ioredis5 from 'ioredis5'
import { prove } from './prove-redis.cjs'

await prove(core, redis, [ioredis, ioredis5])
