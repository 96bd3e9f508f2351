import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The root folder of the repository. */
export const root: string = path.resolve(import.meta.dirname, '../..')

/** What the tools look at in a package.json. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly packageManager?: string
  /** The build for script tags, of a package for browsers. */
  readonly unpkg?: string
  readonly exports: Record<string, Record<string, unknown>>
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}

/** A package of this repository that gets published. */
export interface PublishedPackage {
  readonly manifest: Manifest
  /** Its folder, relative to the root. */
  readonly folder: string
  /** The last part of its name, such as `core`. */
  readonly shortName: string
}

/** Lists the packages that get published, those without dependencies on others first. */
export function publishedPackages(): PublishedPackage[] {
  return globSync('packages/*/package.json', { cwd: root })
    .map((file) => ({ folder: path.dirname(file), manifest: readManifest(path.join(root, file)) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map((found) => ({ ...found, shortName: path.basename(found.folder) }))
    .toSorted((a, b) => workspaceDependencies(a) - workspaceDependencies(b) || a.folder.localeCompare(b.folder))
}

/** Reads a package.json. */
export function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest
}

function workspaceDependencies({ manifest }: { readonly manifest: Manifest }): number {
  return Object.values(manifest.dependencies ?? {}).filter((range) => range.startsWith('workspace:')).length
}
