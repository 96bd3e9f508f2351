import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const FOLDER = new URL('.', import.meta.url)

/** Reads a script without its comments, with the parts that it uses in their places. */
function read(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8')
    .replaceAll(/^-- @use (\w+)$/gm, (_, part: string) => read(`parts/${part}.lua`))
    .replaceAll(/^\s*--.*\n/gm, '')
    .replaceAll(/ --.*$/gm, '')
    .replaceAll(/^\s*\n/gm, '')
}

function sources(): string {
  const scripts = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.lua'))
    .toSorted()
    .map((file) => {
      const source = read(file)
      expect(source).not.toMatch(/[`\\$]/)
      return `export const ${file.slice(0, -'.lua'.length).toUpperCase()}: string = \`${source}\`\n`
    })
  const start = '/** Made from the .lua files beside it: `npm run test:unit -- packages/redis --update` renews it. */\n'
  return [start, ...scripts].join('\n')
}

it('what is sent to Redis is what the .lua files say', async () => {
  await expect(sources()).toMatchFileSnapshot('lua-sources.ts')
})
