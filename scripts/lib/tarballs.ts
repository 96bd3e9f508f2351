import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { runCommand, runTool } from './command.ts'
import { Failure } from './stages.ts'
import { wrongFiles, type PackedFiles } from './tarball-findings.ts'
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
  return [
    ...wrongFiles(tarball, listFiles(tarball.file)),
    ...(await wrongByTool('publint', ['run', tarball.file, '--strict'])),
    ...(await wrongByTool('@arethetypeswrong/cli', [tarball.file, '--profile', 'strict', '--no-color'])),
  ].map((finding) => `${tarball.manifest.name}: ${finding}`)
}

async function wrongByTool(tool: string, args: readonly string[]): Promise<string[]> {
  const { code, output } = await runTool(tool, args)
  return code === 0 ? [] : [`${tool} says\n${output.trim()}`]
}

function listFiles(tarball: string): PackedFiles {
  const names = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
  return new Map(names.map((name) => [name, execFileSync('tar', ['-xzOf', tarball, name], { encoding: 'utf8' })]))
}

function tarballName({ manifest }: PublishedPackage): string {
  return `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
}
