import Koa from 'koa'
import * as holdfast from '@holdfast/koa'
import app from './app.cjs'
import { prove } from './prove.cjs'

await prove(() => app.start(Koa, holdfast))
