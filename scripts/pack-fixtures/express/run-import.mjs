import express from 'express'
import * as holdfast from '@holdfast/express'
import app from './app.cjs'
import { prove } from './prove.cjs'

await prove(() => app.start(express, holdfast))
