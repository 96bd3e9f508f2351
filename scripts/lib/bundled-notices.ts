import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/**
 * Makes an esbuild plugin that writes `THIRD-PARTY-NOTICES.txt` beside the output: name, version and licence text of
 * every package that went into it. Fails the build when a bundled package brings no licence text.
 */
export function bundledNotices(): Plugin {
  return {
    name: 'bundled-notices',
    setup(build) {
      build.initialOptions.metafile = true
      build.onEnd((result) => {
        const folders = packageFolders(Object.keys(result.metafile?.inputs ?? {}))
        if (folders.length === 0) return
        const notices = folders.map(noticeOf)
        const folder = build.initialOptions.outdir ?? 'dist'
        mkdirSync(folder, { recursive: true })
        writeFileSync(
          path.join(folder, 'THIRD-PARTY-NOTICES.txt'),
          `This package contains the following software.\n\n${notices.join('\n')}`,
        )
      })
    },
  }
}

function packageFolders(inputs: readonly string[]): string[] {
  const folders = inputs.flatMap((input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [])
  return [...new Set(folders)].toSorted()
}

function noticeOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
  }
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${name} is bundled but has no licence file in ${folder}.`)
  return `--- ${name} ${version} ---\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`
}
