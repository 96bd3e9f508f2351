export interface RequestTerms {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  /** A form as `URLSearchParams`, or text such as JSON with its `content-type` among the headers. */
  readonly body?: URLSearchParams | string
}

/** As much of a browser as a test needs: one cookie jar for one origin. Redirects are shown, not followed. */
export interface Browser {
  /** The cookies that would be sent now, by name. */
  readonly cookies: ReadonlyMap<string, string>
  /** Resolves at the head of the response, which is when a browser follows a redirect. */
  request(path: string, terms?: RequestTerms): Promise<Response>
  /** Another browser with the same cookies, and its own from here on. */
  copy(): Browser
}

export function createBrowser(origin: string, cookies: ReadonlyMap<string, string> = new Map()): Browser {
  const jar = new Map(cookies)

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const [name = '', value = ''] = splitOnce(pair)
    if (value === '' || attributes.some(isPast)) jar.delete(name)
    else jar.set(name, value)
  }

  return {
    cookies: jar,
    request: async (path, terms = {}) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { ...terms.headers, ...(cookie === '' ? {} : { cookie }) }
      const response = await fetch(origin + path, { ...terms, headers, redirect: 'manual' })
      for (const line of response.headers.getSetCookie()) keep(line)
      return response
    },
    copy: () => createBrowser(origin, jar),
  }
}

function isPast(attribute: string): boolean {
  const [name = '', value = ''] = splitOnce(attribute.trim())
  if (name.toLowerCase() === 'max-age') return Number(value) <= 0
  return name.toLowerCase() === 'expires' && Date.parse(value) <= Date.now()
}

function splitOnce(text: string): string[] {
  const index = text.indexOf('=')
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}
