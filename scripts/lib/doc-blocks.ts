/** A fenced block of TypeScript in a page or a docstring. */
export interface DocBlock {
  readonly file: string
  /** The line of the file that the block's first line stands on, from 1. */
  readonly line: number
  readonly code: string
}

/**
 * A file of code that stands for one block. A block without imports goes on where the last one with imports of the same
 * page or docstring ended, so that one's code comes first.
 */
export interface Listing {
  readonly block: DocBlock
  readonly code: string
  /** How many lines of the code come before the block's own. */
  readonly linesBefore: number
}

/** Finds the blocks of a Markdown page. */
export function blocksOfPage(file: string, text: string): DocBlock[] {
  return fencedBlocks(text.split('\n')).map(({ line, code }) => ({ file, line, code }))
}

/** Finds the blocks of every docstring of a source file; one list for each docstring. */
export function blocksOfSource(file: string, text: string): DocBlock[][] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].map((docstring) => {
    const linesBefore = text.slice(0, docstring.index).split('\n').length - 1
    const lines = docstring[0].split('\n').map((line) => line.replace(/^ *\* ?/, ''))
    return fencedBlocks(lines).map(({ line, code }) => ({ file, line: line + linesBefore, code }))
  })
}

/**
 * Turns the blocks of one page or docstring into programs: lists of listings to be compiled together. All that declare
 * nothing for the whole program form the first; each that does is one of its own, with the blocks that go on from it.
 */
export function programsOf(blocks: readonly DocBlock[]): {
  readonly plain: Listing[]
  readonly augmenting: Listing[][]
} {
  const plain: Listing[] = []
  const augmenting: Listing[][] = []
  let base: DocBlock | undefined
  let program = plain
  for (const block of blocks) {
    const isContinuation = base !== undefined && !/^import /m.test(block.code) && !declaresModule(block)
    if (!isContinuation) {
      base = block
      program = declaresModule(block) ? [] : plain
      if (program !== plain) augmenting.push(program)
      program.push({ block, code: block.code, linesBefore: 0 })
    } else if (base !== undefined) {
      // The braces let it reuse names.
      const before = `${base.code}\n{\n`
      program.push({ block, code: `${before}${block.code}\n}\n`, linesBefore: before.split('\n').length - 1 })
    }
  }
  return { plain, augmenting }
}

/** Finds the place in the docs that a line of a listing stands for; none if the line belongs to another listing. */
export function placeOf({ block, linesBefore }: Listing, line: number): string | undefined {
  return line > linesBefore ? `${block.file}:${block.line + line - linesBefore - 1}` : undefined
}

function declaresModule({ code }: DocBlock): boolean {
  return /^declare (module|global)\b/m.test(code)
}

function fencedBlocks(lines: readonly string[]): { line: number; code: string }[] {
  const blocks: { line: number; code: string }[] = []
  let open: { line: number; fence: string; indent: number; isTypeScript: boolean; code: string[] } | undefined
  for (const [index, line] of lines.entries()) {
    if (open === undefined) {
      const [, indent = '', fence, language] = /^( *)(`{3,})(\w*)/.exec(line) ?? []
      if (fence === undefined) continue
      open = { line: index + 2, fence, indent: indent.length, isTypeScript: language === 'ts', code: [] }
    } else if (line.trim() === open.fence) {
      if (open.isTypeScript) blocks.push({ line: open.line, code: open.code.join('\n') })
      open = undefined
    } else open.code.push(line.slice(open.indent))
  }
  return blocks
}
