/** Markup that is safe to send. Only {@link html} makes it, so text from outside cannot pass for it. */
export class Html {
  readonly #markup: string

  constructor(strings: TemplateStringsArray, values: readonly HtmlValue[]) {
    this.#markup = String.raw({ raw: strings }, ...values.map(render))
  }

  toString(): string {
    return this.#markup
  }
}

export type HtmlValue = Html | readonly Html[] | string | number | undefined

/** Builds markup from a template. Every value in it is escaped, unless it is markup itself; `undefined` leaves nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings, values)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function render(value: HtmlValue): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.join('')
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
