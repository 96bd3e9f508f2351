/** The SQLSTATE of an error that the server sent; `undefined` for any other error. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' && error.code.length === 5 ? error.code : undefined
}

/** Two transactions were in each other's way: under stricter isolation than the default, or by a deadlock. */
export function isCollision(error: unknown): boolean {
  const state = sqlState(error)
  return state === '40001' || state === '40P01'
}

/** After these a connection is as good as before. After any other error a new one is better: after a failover, the
 * old one leads to a server that may only be read. */
export function isWorthKeeping(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && /^(?:40001|40P01|42501|42883|42P01|3F000|57014|55P03)$/.test(state)
}

/** A pooler has handed the connection to a backend that knows other prepared statements. */
export function isOfPooler(error: unknown): boolean {
  const state = sqlState(error)
  return state === '26000' || state === '42P05'
}
