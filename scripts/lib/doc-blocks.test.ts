import { describe, expect, it } from 'vitest'
import { blocksOfPage, blocksOfSource, placeOf, programsOf } from './doc-blocks.ts'

const PAGE = `# Page

\`\`\`ts
import { a } from 'a'
a()
\`\`\`

Text, and a shell:

\`\`\`sh
npm start
\`\`\`

- in a list:

  \`\`\`ts
  a(1)
  a(2)
  \`\`\`

\`\`\`ts
import { Register } from 'b'
declare module 'b' {}
\`\`\`
`

describe('blocksOfPage', () => {
  it('finds blocks of TypeScript only, with the lines they stand on', () => {
    expect(blocksOfPage('page.md', PAGE).map(({ line, code }) => [line, code])).toEqual([
      [4, "import { a } from 'a'\na()"],
      [17, 'a(1)\na(2)'],
      [22, "import { Register } from 'b'\ndeclare module 'b' {}"],
    ])
  })
})

describe('blocksOfSource', () => {
  it('finds the blocks of each docstring without their stars', () => {
    const source = `/** One. */\nconst one = 1\n/**\n * Two.\n *\n * @example\n * \`\`\`ts\n * two()\n * \`\`\`\n */\n`
    expect(blocksOfSource('two.ts', source)).toEqual([[], [{ file: 'two.ts', line: 8, code: 'two()' }]])
  })
})

describe('programsOf', () => {
  const { plain, augmenting } = programsOf(blocksOfPage('page.md', PAGE))

  it('lets a block without imports go on from the one before', () => {
    expect(plain.map(({ code }) => code)).toEqual([
      "import { a } from 'a'\na()",
      "import { a } from 'a'\na()\n{\na(1)\na(2)\n}\n",
    ])
  })

  it('keeps a block that declares a module apart', () => {
    expect(augmenting.map((listings) => listings.map(({ block }) => block.line))).toEqual([[22]])
  })

  it('maps lines back to the page', () => {
    const [first, second] = plain
    if (first === undefined || second === undefined) throw new Error('Two listings were expected.')
    expect(placeOf(first, 2)).toBe('page.md:5')
    expect(placeOf(second, 2)).toBeUndefined()
    expect(placeOf(second, 5)).toBe('page.md:18')
  })
})
