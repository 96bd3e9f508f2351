/** Pieces of SVG that can be read in light and in dark, wherever an image is shown. */

/** Colours by what a contender is; each is legible on white and on near-black. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 14px; font-weight: 600 }
  .quiet { fill: #59636e }
  .axis { stroke: #d1d9e0; stroke-width: 1 }
  .bare { fill: #8c959f } .floor { fill: #bf8700 } .holdfast { fill: #1a7f37 } .peer { fill: #0969da }
  .line { fill: none; stroke-width: 2 }
  .series0 { stroke: #1a7f37 } .series1 { stroke: #0969da } .series2 { stroke: #bf8700 } .series3 { stroke: #8250df }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .quiet { fill: #9198a1 } .axis { stroke: #3d444d }
    .bare { fill: #656c76 } .floor { fill: #d29922 } .holdfast { fill: #3fb950 } .peer { fill: #4493f8 }
    .series0 { stroke: #3fb950 } .series1 { stroke: #4493f8 } .series2 { stroke: #d29922 } .series3 { stroke: #ab7df8 }
  }`

/** An image of that size, on no background of its own. */
export function image(width: number, height: number, label: string, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">`
  return `${head}\n<style>${STYLE}\n</style>\n${parts.join('\n')}\n</svg>\n`
}

export interface TextTerms {
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly style?: string
}

export function text(x: number, y: number, content: string, { anchor = 'start', style = '' }: TextTerms = {}): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" class="${style}">${escaped(content)}</text>`
}

export function rectangle(x: number, y: number, width: number, height: number, style: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(width, 0))}" height="${height}" rx="2" class="${style}"/>`
}

export function line(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${style}"/>`
}

export function path(points: readonly (readonly [x: number, y: number])[], style: string): string {
  const steps = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`)
  return `<path d="${steps.join(' ')}" class="line ${style}"/>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
