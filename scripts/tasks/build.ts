import { existsSync } from 'node:fs'
import path from 'node:path'
import { runTool } from '../lib/command.ts'
import { fingerprint, Stamp } from '../lib/fingerprint.ts'
import { Failure, runStages } from '../lib/stages.ts'
import { publishedPackages, root, type PublishedPackage } from '../lib/workspace.ts'

const CONCURRENCY = 2

/** Builds every published package whose sources or tools have changed since it was built last. */
export async function build(): Promise<string> {
  const outdated = publishedPackages().filter((found) => !isCurrent(found))
  const queue = [...outdated]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await buildPackage(next)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return outdated.length === 0 ? 'all current' : `built ${outdated.map(({ shortName }) => shortName).join(', ')}`
}

async function buildPackage(found: PublishedPackage): Promise<void> {
  const before = sourceFingerprint(found)
  const { code, output } = await runTool('tsup', ['--config', '../../tsup.config.ts'], {
    cwd: path.join(root, found.folder),
  })
  if (code !== 0) throw new Failure(`${found.manifest.name} does not build.\n${output}`)
  console.log(`  ${found.manifest.name} built`)
  stampOf(found).set(before)
}

function isCurrent(found: PublishedPackage): boolean {
  return existsSync(path.join(root, found.folder, 'dist')) && stampOf(found).isCurrent(sourceFingerprint(found))
}

function stampOf({ shortName }: PublishedPackage): Stamp {
  return new Stamp(`build-${shortName}`)
}

function sourceFingerprint({ folder }: PublishedPackage): string {
  const tools = ['tsup.config.ts', 'tsconfig*.json', 'pnpm-lock.yaml', 'scripts/lib/bundled-notices.ts']
  return fingerprint([`${folder}/package.json`, `${folder}/src/**`, ...tools])
}

if (import.meta.main) await runStages([{ name: 'build', work: build }])
