import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** Finds the relative links of a page that lead nowhere: to a file that is not there, or a heading that is not in it. */
export function brokenLinks(root: string, file: string): string[] {
  const text = withoutCode(readFileSync(path.join(root, file), 'utf8'))
  const targets = [...text.matchAll(/\]\(([^()\s]+)\)/g), ...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)]
  return targets.flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return []
    const [name = '', heading] = target.split('#')
    const wanted = name === '' ? path.join(root, file) : path.join(root, path.dirname(file), name)
    if (!existsSync(wanted)) return [`${file}: the link to ${target} leads nowhere.`]
    if (heading === undefined || statSync(wanted).isDirectory() || !wanted.endsWith('.md')) return []
    return anchorsOf(readFileSync(wanted, 'utf8')).has(heading) ? [] : [`${file}: ${target} names no heading.`]
  })
}

function anchorsOf(text: string): Set<string> {
  const headings = [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function withoutCode(text: string): string {
  return text.replaceAll(/^( *)(`{3,})[\s\S]*?^\1\2$/gm, '')
}
