import fastify from 'fastify'
import * as holdfast from '@holdfast/fastify'
import app from './app.cjs'
import { prove } from './prove.cjs'

await prove(() => app.start(fastify, holdfast))
