import * as pglite from '@electric-sql/pglite'
import * as core from '@holdfast/core'
import * as postgres from '@holdfast/postgres'
import pg from 'pg'
import { prove } from './prove-postgres.cjs'

await prove(core, postgres, pglite, pg)
