/** Reads what `perf script` prints, and counts for each JavaScript function its samples and those of what it called. */

const MAIN_THREAD = ['MainThread', 'node']
const FRAME = /^\s+[0-9a-f]+ (.*)$/
/** What perf calls a JavaScript function: the tier it was compiled by, its name, and where it stands. */
const FUNCTION = /^JS:[~^+*]*'? ?(.*)$/
const ORIGIN = /packages\/[\w-]+|node_modules\/\.pnpm\/(?:@[\w-]+\+)?[\w.-]+(?=@)|node:[\w/]+|benchmarks/

export class ShareCount {
  readonly #callees = new Map<string, Map<string, number>>()
  #frames: string[] = []
  #isMain = false
  #total = 0

  /** Takes in a line: the name of a thread, a frame of a sample with the innermost first, or the end of a sample. */
  read(line: string): void {
    if (line === '') this.#endSample()
    else if (/^\s/.test(line)) {
      const frame = FRAME.exec(line)?.[1]
      if (frame !== undefined) this.#frames.push(frame)
    } else this.#isMain = MAIN_THREAD.includes(line.trim().split(/\s+/)[0]!)
  }

  #endSample(): void {
    const frames = this.#frames
    this.#frames = []
    if (!this.#isMain || frames.length === 0) return
    this.#total++
    const owner = frames.find((frame) => FUNCTION.test(frame))
    const name = owner === undefined ? '(no JavaScript)' : shortened(FUNCTION.exec(owner)![1]!)
    const callee = frames[0] === owner ? 'itself' : frames[0]!.replace(/^Builtins_/, '').replace(/\(.*/, '')
    const callees = this.#callees.get(name) ?? new Map<string, number>()
    this.#callees.set(name, callees.set(callee, (callees.get(callee) ?? 0) + 1))
  }

  /** Answers the shares of all origins, and of the `top` functions, in percent of the main thread's time. */
  report(top: number): string {
    const functions = [...this.#callees].map(([name, callees]) => ({ name, callees, sum: sumOf(callees) }))
    const origins = new Map<string, number>()
    for (const { name, sum } of functions) {
      const origin = ORIGIN.exec(name)?.[0].replace('node_modules/.pnpm/', '') ?? 'other'
      origins.set(origin, (origins.get(origin) ?? 0) + sum)
    }
    const lines = functions
      .toSorted((a, b) => b.sum - a.sum)
      .slice(0, top)
      .map(({ name, callees, sum }) => {
        const most = [...callees].toSorted(([, a], [, b]) => b - a).slice(0, 5)
        return `${this.#percent(sum)} ${name} | ${most.map(([callee, count]) => `${callee} ${this.#percent(count)}`).join(', ')}`
      })
    const sums = [...origins].toSorted(([, a], [, b]) => b - a)
    return [...lines, '', ...sums.slice(0, 24).map(([origin, sum]) => `${this.#percent(sum)} ${origin}`)].join('\n')
  }

  #percent(count: number): string {
    return ((100 * count) / this.#total).toFixed(2)
  }
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

function shortened(name: string): string {
  return name.replace(/file:\/\/|\/\S*?(?=packages\/|node_modules\/\.pnpm\/|benchmarks\/)/g, '')
}
