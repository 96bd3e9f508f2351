import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { NextFunction, Request, Response } from 'express'

const ENTRY = fileURLToPath(import.meta.resolve('@holdfast/client'))

/**
 * Serves the browser module of Holdfast as `index.js`, without a bundler. Elsewhere `express.static` does: it is one file
 * of JavaScript. In this repository it is read from its sources, so their types are taken off.
 */
export async function serveClientModule(
  req: Request<{ file: string }>,
  res: Response,
  next: NextFunction,
): Promise<void> {
  const { file } = req.params
  const isEntry = file === 'index.js'
  if (!isEntry && !/^[\w-]+\.(js|ts)$/.test(file)) return next()
  const path = isEntry ? ENTRY : join(dirname(ENTRY), file)
  const source = await readFile(path, 'utf8').catch(() => undefined)
  if (source === undefined) return next()
  res.type('text/javascript').send(extname(path) === '.ts' ? stripTypeScriptTypes(source) : source)
}
