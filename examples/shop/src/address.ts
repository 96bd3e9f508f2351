/** Where the shop listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Reads `HOST` and `PORT`; port 0 takes any that is free. */
export function readAddress({ HOST = '127.0.0.1', PORT = '3000' }: NodeJS.ProcessEnv): Address {
  const port = Number(PORT)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return { host: HOST, port }
  throw new RangeError(`PORT is "${PORT}", which is no port. Give a number from 0 to 65535, or leave it out for 3000.`)
}

/** Says what to do about an address that cannot be listened on. */
export function explainListenError({ host, port }: Address, { code, message }: NodeJS.ErrnoException): string {
  const reason = code === 'EADDRINUSE' ? 'another program listens there' : message
  return `The shop cannot open at http://${host}:${port}: ${reason}. Choose another port: PORT=3001 npm start`
}
