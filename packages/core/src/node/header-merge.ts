/**
 * Works out what a response header becomes when a value is added to what is there.
 *
 * - `Set-Cookie`: a list. An earlier cookie of the same name is replaced, all others stay.
 * - `Vary`: one line. Names are joined without regard to case; `*` stays alone.
 * - Any other: the new value.
 */
export function mergeHeader(
  name: string,
  existing: number | string | readonly string[] | undefined,
  value: string,
): string | string[] {
  switch (name.toLowerCase()) {
    case 'set-cookie': {
      const cookie = cookieName(value)
      return [...list(existing).filter((earlier) => cookieName(earlier) !== cookie), value]
    }
    case 'vary':
      return existing === undefined ? value : mergeVary([...list(existing), value])
    default:
      return value
  }
}

function mergeVary(values: readonly string[]): string {
  const names = new Map<string, string>()
  for (const part of values.join(',').split(',')) {
    const name = part.trim()
    if (name === '*') return '*'
    if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  return [...names.values()].join(', ')
}

function cookieName(cookie: string): string {
  const [pair = ''] = cookie.split(';', 1)
  const end = pair.indexOf('=')
  return (end === -1 ? pair : pair.slice(0, end)).trim()
}

function list(existing: number | string | readonly string[] | undefined): readonly string[] {
  if (existing === undefined) return []
  return typeof existing === 'object' ? existing : [String(existing)]
}
