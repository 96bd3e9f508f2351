/** Reads the address of a server from the environment. */
export function readUrl(name: string, value: string | undefined, example: string, protocols: readonly string[]): URL {
  const advice = `Write one like ${name}=${example}`
  if (value === undefined || value === '') throw new RangeError(`${name} is missing. ${advice}`)
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url !== undefined && protocols.includes(url.protocol)) return url
  // It is not repeated, because it may hold a password.
  throw new RangeError(`${name} is not an address that begins with ${protocols.join('// or ')}//. ${advice}`)
}

/** Says that a server cannot be used, and what to do. */
export function unusable(what: string, name: string, { host }: URL, error: unknown): Error {
  const { message, code } = error as NodeJS.ErrnoException
  const reason = (message || code) ?? String(error)
  return new Error(`The shop cannot use the ${what} at ${host}: ${reason}. Start it, or correct ${name}.`, {
    cause: error,
  })
}
