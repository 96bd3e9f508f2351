import { describe, expect, it } from 'vitest'
import { wrongFiles } from './tarball-findings.ts'
import type { PublishedPackage } from './workspace.ts'

const entry = { import: { types: './dist/index.d.ts' }, require: { types: './dist/index.d.cts' } }

const POSTGRES: PublishedPackage = {
  folder: 'packages/postgres',
  shortName: 'postgres',
  manifest: { name: '@holdfast/postgres', version: '1.0.0', exports: { '.': entry } },
}

const SOUND = {
  'package/LICENSE': 'MIT',
  'package/README.md': '# Postgres',
  'package/package.json': JSON.stringify({ exports: { '.': entry } }),
  'package/dist/index.js': 'export {}',
  'package/dist/index.d.ts': "import { SessionStore } from '@holdfast/core'\nexport { SessionStore }",
  'package/dist/index.d.cts': '/** Takes a Buffer of node:http. */\nexport declare const a: number',
}

function inspect(changes: Record<string, string | undefined>): string[] {
  const files = Object.entries({ ...SOUND, ...changes }).filter(
    (file): file is [string, string] => file[1] !== undefined,
  )
  return wrongFiles(POSTGRES, new Map(files))
}

describe('wrongFiles', () => {
  it('finds nothing in a sound package', () => {
    expect(inspect({})).toEqual([])
  })

  it.each([
    ['a missing licence', { 'package/LICENSE': undefined }, 'lacks package/LICENSE'],
    ['missing types', { 'package/dist/index.d.cts': undefined }, '"." has no types for require'],
    ['empty types', { 'package/dist/index.d.ts': '' }, '"." has no types for import'],
    ['an entry that is not published', { 'package/package.json': '{"exports":{}}' }, 'publishes no "."'],
    [
      'the condition for sources',
      {
        'package/package.json': JSON.stringify({
          exports: { '.': { '@holdfast/source': './src/index.ts', ...entry } },
        }),
      },
      'still points to the sources',
    ],
    ['a type from Node', { 'package/dist/index.d.ts': "export { Server } from 'node:http'" }, 'needs types of Node'],
    ['a global of Node', { 'package/dist/index.d.ts': 'export declare const bytes: Buffer' }, 'needs types of Node'],
    ['a store that runs core', { 'package/dist/index.js': "import '@holdfast/core'" }, 'of a store mentions core'],
    ['a native addon', { 'package/dist/index.js': "require('msgpackr-extract')" }, 'native part of msgpackr'],
  ])('finds %s', (_, changes, finding) => {
    expect(inspect(changes)).toEqual([expect.stringContaining(finding)])
  })

  it('lets a package need types of Node where whatever it is used with needs them too', () => {
    const files = new Map(Object.entries({ ...SOUND, 'package/dist/index.d.ts': 'export declare const bytes: Buffer' }))
    expect(wrongFiles({ ...POSTGRES, shortName: 'redis' }, files)).toEqual([])
    expect(wrongFiles(POSTGRES, files)).not.toEqual([])
  })

  it('finds a bundled package without its licence notice', () => {
    const core = {
      ...POSTGRES,
      shortName: 'core',
      manifest: { ...POSTGRES.manifest, devDependencies: { msgpackr: '2' } },
    }
    const files = new Map(Object.entries(SOUND))
    expect(wrongFiles(core, files)).toEqual([expect.stringContaining('without its licence notice')])
    expect(wrongFiles(core, files.set('package/dist/THIRD-PARTY-NOTICES.txt', '--- msgpackr 2 ---'))).toEqual([])
  })

  it('finds a script for browsers that is missing or too long', () => {
    const client = {
      ...POSTGRES,
      shortName: 'client',
      manifest: { ...POSTGRES.manifest, unpkg: './dist/index.global.js' },
    }
    const files = new Map(Object.entries({ ...SOUND, 'package/dist/index.js': `//${'a'.repeat(2046)}` }))
    expect(wrongFiles(client, files)).toEqual(['lacks ./dist/index.global.js, for script tags.'])
    expect(wrongFiles(client, files.set('package/dist/index.global.js', 'b'.repeat(2049)))).toEqual([
      expect.stringMatching(/index\.global\.js has 2049 bytes \(\d+ compressed\), more than 2048/),
    ])
  })
})
