import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { runCommand, runTool } from './command.ts'
import { Failure } from './stages.ts'
import { publishedPackages, readManifest, root, type PublishedPackage } from './workspace.ts'

/** A published package as it would go to the registry. */
export interface Tarball extends PublishedPackage {
  readonly file: string
}

/** Packs every published package into a folder, as pnpm would publish it. */
export async function packAll(folder: string): Promise<Tarball[]> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const packages = publishedPackages()
  const filters = packages.flatMap(({ manifest }) => ['--filter', manifest.name])
  const { code, output } = await runPnpm([...filters, '-r', 'pack', '--pack-destination', folder], root)
  if (code !== 0) throw new Failure(`The packages cannot be packed.\n${output}`)
  return packages.map((found) => ({ ...found, file: path.join(folder, tarballName(found)) }))
}

/** Runs the pnpm of this repository in some folder. */
export function runPnpm(args: readonly string[], cwd: string): ReturnType<typeof runCommand> {
  const { packageManager } = readManifest(path.join(root, 'package.json'))
  return runCommand('npx', ['--yes', packageManager ?? 'pnpm', ...args], { cwd })
}

/** Answers what is wrong with a tarball, one line each. */
export async function inspectTarball(tarball: Tarball): Promise<string[]> {
  const files = listFiles(tarball.file)
  return [
    ...['package/LICENSE', 'package/README.md'].filter((file) => !files.has(file)).map((file) => `lacks ${file}.`),
    ...wrongExports(tarball, files),
    ...wrongDeclarations(files),
    ...wrongScripts(tarball, files),
    ...(await wrongByTool('publint', ['run', tarball.file, '--strict'])),
    ...(await wrongByTool('@arethetypeswrong/cli', [tarball.file, '--profile', 'strict', '--no-color'])),
  ].map((finding) => `${tarball.manifest.name}: ${finding}`)
}

type Files = ReadonlyMap<string, string>

/** attw passes a package that has no types at all, so that is looked at here. */
function wrongExports({ manifest }: Tarball, files: Files): string[] {
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
function wrongDeclarations(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    if (!/\.d\.c?ts$/.test(file)) return []
    const found =
      /^.*(?:from '|import\(['"]|types=")(?:node:|node"|events|http|stream|util).*$|\bNodeJS\.|\bBuffer\b/m.exec(
        text.replaceAll(/\/\*\*[\s\S]*?\*\//g, ''),
      )
    return found === null ? [] : [`${file} needs types of Node: ${found[0].trim()}`]
  })
}

function wrongScripts({ shortName, manifest }: Tarball, files: Files): string[] {
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

async function wrongByTool(tool: string, args: readonly string[]): Promise<string[]> {
  const { code, output } = await runTool(tool, args)
  return code === 0 ? [] : [`${tool} says\n${output.trim()}`]
}

function listFiles(tarball: string): Files {
  const names = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
  return new Map(names.map((name) => [name, execFileSync('tar', ['-xzOf', tarball, name], { encoding: 'utf8' })]))
}

function tarballName({ manifest }: PublishedPackage): string {
  return `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
}
