import path from 'node:path'
import ts from 'typescript'

/**
 * Who may import whom. A room is a part of the tree with one set of rights; the first whose pattern fits a path is
 * its room. Tests, and what lies in a folder `testing` for them, may import anything.
 */
interface Room {
  readonly name: string
  readonly files: RegExp
  /** The rooms it may import from, besides itself. */
  readonly from: readonly string[]
  /** The rooms of which it may import types only. */
  readonly typesFrom?: readonly string[]
  /** Whether it may import modules of Node and of npm. @default true */
  readonly isOpen?: boolean
}

const CORE_INSIDE = ['contracts', 'mechanisms', 'node', 'engine', 'sessions', 'mount']

const ROOMS: readonly Room[] = [
  { name: 'core', files: /^packages\/core\/src\/index\.ts$/, from: CORE_INSIDE },
  { name: 'contracts', files: /^packages\/core\/src\/contracts\//, from: [], isOpen: false },
  { name: 'mechanisms', files: /^packages\/core\/src\/mechanisms\//, from: ['contracts'] },
  { name: 'node', files: /^packages\/core\/src\/node\//, from: ['contracts'] },
  {
    name: 'sessions',
    files: /^packages\/core\/src\/(cookie-)?sessions\.ts$/,
    from: ['contracts', 'mechanisms', 'node', 'engine'],
  },
  // What bindings share, on top of everything.
  { name: 'mount', files: /^packages\/core\/src\/mount\.ts$/, from: ['contracts', 'engine', 'sessions'] },
  { name: 'engine', files: /^packages\/core\/src\//, from: ['contracts', 'mechanisms'] },
  { name: 'binding', files: /^packages\/(express|koa|fastify)\/src\//, from: ['core'] },
  { name: 'store', files: /^packages\/(redis|postgres)\/src\//, from: [], typesFrom: ['core'] },
  // Runs in browsers, so that nothing of Node or of the engine may come along.
  { name: 'client', files: /^packages\/client\/src\//, from: [], isOpen: false },
  { name: 'conformance', files: /^packages\/conformance\/src\//, from: ['core'] },
  { name: 'testkit', files: /^packages\/testkit\/src\//, from: ['core', 'conformance'] },
]

interface Import {
  readonly specifier: string
  readonly isTypeOnly: boolean
  readonly line: number
}

/** Tells what a file imports that its room may not. One line per finding; none for files without a room. */
export function forbiddenImports(file: string, source: string): string[] {
  const room = roomOf(file)
  if (room === undefined || file.endsWith('.test.ts') || file.includes('/testing/')) return []
  return importsOf(file, source).flatMap((found) => {
    const reason = refusal(room, file, found)
    return reason === undefined ? [] : [`${file}:${found.line} imports '${found.specifier}': ${reason}`]
  })
}

function refusal(room: Room, file: string, { specifier, isTypeOnly }: Import): string | undefined {
  const target = targetOf(file, specifier)
  if (target === 'outside') return room.isOpen === false ? `${room.name} import nothing from outside.` : undefined
  if (target === undefined) return `it lies in no room that ${room.name} may look into.`
  if (target.name === room.name && isSamePackage(file, specifier)) return undefined
  if (room.from.includes(target.name)) return undefined
  if (room.typesFrom?.includes(target.name) === true) {
    return isTypeOnly ? undefined : `${room.name} may import only types from ${target.name} (\`import type\`).`
  }
  return `${room.name} must not import from ${target.name}.`
}

/** Bindings and stores share a room each, but no package may reach into its neighbour. */
function isSamePackage(file: string, specifier: string): boolean {
  if (!specifier.startsWith('.')) return false
  const packageFolder = file.split('/').slice(0, 2).join('/')
  return path.posix.join(path.posix.dirname(file), specifier).startsWith(`${packageFolder}/`)
}

function targetOf(file: string, specifier: string): Room | 'outside' | undefined {
  if (specifier.startsWith('.')) return roomOf(path.posix.join(path.posix.dirname(file), specifier))
  const own = /^@holdfast\/([^/]+)/.exec(specifier)
  return own === null ? 'outside' : roomOf(`packages/${own[1]}/src/index.ts`)
}

function roomOf(file: string): Room | undefined {
  return ROOMS.find(({ files }) => files.test(file))
}

function importsOf(file: string, source: string): Import[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest)
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return
    const line = tree.getLineAndCharacterOfPosition(specifier.getStart(tree)).line + 1
    found.push({ specifier: specifier.text, isTypeOnly, line })
  }
  const visit = (node: ts.Node): void => {
    // A clause like `{ type X }` leaves an empty import in the built JavaScript, so it is none of types only.
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false)
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}
