import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Options } from 'tsup'
import { bundledNotices } from './scripts/lib/bundled-notices.ts'

interface Manifest {
  readonly exports: Record<string, { readonly '@holdfast/source': string }>
  /** Programs, by name. Each is built from the file of the same place in `src`. */
  readonly bin?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  /** A build for a script tag. */
  readonly unpkg?: string
}

/**
 * Builds the package in whose folder tsup was started: ESM, CommonJS and declarations for both, one pair of files for
 * each of its `exports` and of its programs.
 *
 * What is a dependency stays an import; what is a development dependency and is imported all the same gets bundled.
 * What names a build for a script tag is for browsers: it gets that one too, and all are minified.
 */
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const forBrowsers: Options = {
  format: ['esm', 'cjs', 'iife'],
  globalName: 'holdfast',
  target: 'es2020',
  platform: 'browser',
  minify: true,
}

const config: Options = {
  entry: [
    ...Object.values(manifest.exports).map((conditions) => conditions['@holdfast/source']),
    ...Object.values(manifest.bin ?? {}).map((file) => file.replace('/dist/', '/src/').replace(/js$/, 'ts')),
  ],
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  clean: true,
  removeNodeProtocol: false,
  treeshake: true,
  noExternal: Object.keys(manifest.devDependencies ?? {}),
  esbuildPlugins: [bundledNotices()],
  esbuildOptions(options) {
    // The entry that msgpackr has for Node looks for a native addon; this one is the same code without it.
    options.alias = { msgpackr: path.resolve('node_modules/msgpackr/index.js') }
  },
  ...(manifest.unpkg === undefined ? {} : forBrowsers),
}

export default config
