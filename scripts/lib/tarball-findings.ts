import { isBuiltin } from 'node:module'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { PublishedPackage } from './workspace.ts'

/** What lies in a tarball: text by path, such as `package/dist/index.js`. */
export type PackedFiles = ReadonlyMap<string, string>

/**
 * Whoever proves a store or a binding writes tests on Node, and is handed streams of Node; whoever has an ioredis client
 * has the types of Node for its own declarations.
 */
const NEEDS_TYPES_OF_NODE = ['conformance', 'redis']

/** How many bytes each script of the browser module may have, as it is and not only compressed. */
const BROWSER_LIMIT = 2048

/** Finds what publint and attw do not look for. One line per finding. */
export function wrongFiles(found: PublishedPackage, files: PackedFiles): string[] {
  const missing = ['package/LICENSE', 'package/README.md'].filter((file) => !files.has(file))
  return [
    ...missing.map((file) => `lacks ${file}.`),
    ...wrongExports(found, files),
    ...(NEEDS_TYPES_OF_NODE.includes(found.shortName) ? [] : wrongDeclarations(files)),
    ...wrongScripts(found, files),
    ...(found.manifest.unpkg === undefined ? [] : wrongForBrowsers(found.manifest.unpkg, files)),
  ]
}

/** attw passes a package that has no types at all, so that is looked at here. */
function wrongExports({ manifest }: PublishedPackage, files: PackedFiles): string[] {
  const packed = JSON.parse(files.get('package/package.json') ?? '{}') as { exports: typeof manifest.exports }
  const entries = Object.entries(packed.exports)
  const wanted = Object.keys(manifest.exports)
  const findings = wanted.filter((entry) => !(entry in packed.exports)).map((entry) => `publishes no "${entry}".`)
  for (const [entry, conditions] of entries) {
    if ('@holdfast/source' in conditions) findings.push(`"${entry}" still points to the sources.`)
    for (const condition of ['import', 'require']) {
      const target = conditions[condition] as { types?: string } | undefined
      const types = files.get(path.posix.join('package', target?.types ?? 'nothing')) ?? ''
      if (!/^export /m.test(types)) findings.push(`"${entry}" has no types for ${condition}.`)
    }
  }
  return findings
}

/** An app must not need @types/node to compile against us. */
function wrongDeclarations(files: PackedFiles): string[] {
  return [...files].flatMap(([file, text]) => {
    if (!/\.d\.c?ts$/.test(file)) return []
    const code = text.replaceAll(/\/\*\*[\s\S]*?\*\//g, '')
    const modules = [...code.matchAll(/(?:from |import\(|types=)['"]([^'"]+)['"]/g)].map(([, name = '']) => name)
    const globals = code.match(/\bNodeJS\.\w+|\bBuffer\b/g) ?? []
    const foreign = [...modules.filter((name) => isBuiltin(name) || name === 'node'), ...globals]
    return foreign.map((name) => `${file} needs types of Node: ${name}`)
  })
}

function wrongScripts({ shortName, manifest }: PublishedPackage, files: PackedFiles): string[] {
  const isStore = ['redis', 'postgres'].includes(shortName)
  const findings: string[] = []
  for (const [file, text] of files) {
    if (!/\.c?js$/.test(file)) continue
    if (text.includes('msgpackr-extract')) findings.push(`${file} looks for the native part of msgpackr.`)
    if (isStore && text.includes('@holdfast/core')) findings.push(`${file} of a store mentions core.`)
  }
  const notices = files.get('package/dist/THIRD-PARTY-NOTICES.txt') ?? ''
  if (manifest.devDependencies?.['msgpackr'] !== undefined && !notices.includes('--- msgpackr ')) {
    findings.push('bundles msgpackr without its licence notice.')
  }
  return findings
}

function wrongForBrowsers(scriptTag: string, files: PackedFiles): string[] {
  const scripts = [...files].filter(([file]) => /\.c?js$/.test(file))
  const findings = files.has(path.posix.join('package', scriptTag)) ? [] : [`lacks ${scriptTag}, for script tags.`]
  for (const [file, text] of scripts) {
    const size = Buffer.byteLength(text)
    if (size <= BROWSER_LIMIT) continue
    findings.push(`${file} has ${size} bytes (${gzipSync(text).length} compressed), more than ${BROWSER_LIMIT}.`)
  }
  return findings
}
