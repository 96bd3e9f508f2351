/** Bars, in a panel for each scenario. */
import { image, line, rectangle, text } from './svg.ts'

export interface Bar {
  readonly label: string
  readonly value: number
  /** How the value is written. */
  readonly shown: string
  /** A class of the style sheet. */
  readonly style: string
}

export interface Panel {
  readonly title: string
  readonly bars: readonly Bar[]
}

const WIDTH = 760
const LABELS = 240
const VALUES = 60
const BAR = 16
const STEP = 22
const HEAD = 26
const GAP = 14

/** Draws the panels below each other, all to the scale of the largest value. */
export function barsPlot(title: string, panels: readonly Panel[]): string {
  const largest = Math.max(...panels.flatMap(({ bars }) => bars.map(({ value }) => value)))
  const scale = (WIDTH - LABELS - VALUES) / largest
  const parts = [text(0, 16, title, { style: 'title' })]
  let y = HEAD
  for (const panel of panels) {
    parts.push(text(0, y + 14, panel.title, { style: 'quiet' }))
    y += HEAD - 4
    const top = y
    for (const bar of panel.bars) {
      parts.push(text(LABELS - 8, y + 13, bar.label, { anchor: 'end' }))
      parts.push(rectangle(LABELS, y, bar.value * scale, BAR, bar.style))
      parts.push(text(LABELS + bar.value * scale + 6, y + 13, bar.shown))
      y += STEP
    }
    parts.push(line(LABELS, top - 3, LABELS, y - 3, 'axis'))
    y += GAP
  }
  return image(WIDTH, y, title, parts)
}
