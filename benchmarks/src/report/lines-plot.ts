/** Lines over a logarithmic axis. */
import { image, line, path, text } from './svg.ts'

export interface Series {
  readonly label: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

const WIDTH = 760
const HEIGHT = 300
const LEFT = 50
const RIGHT = 180
const TOP = 36
const BOTTOM = 40
const TICKS = 4

/** Draws the series from zero up, with a tick for each power of ten. */
export function linesPlot(
  title: string,
  axes: { readonly x: string; readonly y: string },
  series: readonly Series[],
): string {
  const points = series.flatMap((one) => one.points)
  const [first, last] = [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x))].map(Math.log10) as [
    number,
    number,
  ]
  const highest = Math.max(...points.map(([, y]) => y)) * 1.1
  const xOf = (value: number): number =>
    LEFT + ((Math.log10(value) - first) / Math.max(last - first, 1)) * (WIDTH - LEFT - RIGHT)
  const yOf = (value: number): number => HEIGHT - BOTTOM - (value / highest) * (HEIGHT - TOP - BOTTOM)

  const parts = [text(0, 16, title, { style: 'title' }), text(LEFT, HEIGHT - 4, `${axes.x} →`, { style: 'quiet' })]
  parts.push(text(0, TOP - 6, axes.y, { style: 'quiet' }))
  for (let power = Math.ceil(first); power <= last; power++) {
    const x = xOf(10 ** power)
    parts.push(
      text(x, HEIGHT - BOTTOM + 16, (10 ** power).toLocaleString('en-US'), { anchor: 'middle', style: 'quiet' }),
    )
  }
  for (let tick = 0; tick <= TICKS; tick++) {
    const value = (highest / TICKS) * tick
    parts.push(line(LEFT, yOf(value), WIDTH - RIGHT, yOf(value), 'axis'))
    parts.push(text(LEFT - 6, yOf(value) + 4, value.toFixed(0), { anchor: 'end', style: 'quiet' }))
  }
  for (const [index, one] of series.entries()) {
    const end = one.points.at(-1)
    if (end === undefined) continue
    const drawn = one.points.map(([x, y]) => [xOf(x), yOf(y)] as const)
    parts.push(path(drawn, `series${index % 4}`))
    parts.push(text(xOf(end[0]) + 8, yOf(end[1]) + 4, one.label))
  }
  return image(WIDTH, HEIGHT, title, parts)
}
