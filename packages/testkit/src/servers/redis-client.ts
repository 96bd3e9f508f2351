import { Redis } from 'ioredis'

/** Works with a server on a connection of its own, which fails rather than waits. */
export async function withRedis<Answer>(url: string, work: (client: Redis) => Promise<Answer>): Promise<Answer> {
  const client = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
    connectTimeout: 1_000,
    commandTimeout: 5_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } finally {
    client.disconnect()
  }
}

/** Asks for a section of INFO. */
export async function redisInfo(url: string, section: string): Promise<ReadonlyMap<string, string>> {
  return fields(await withRedis(url, (client) => client.info(section)))
}

/** Reads lines like `name:value`. */
export function fields(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'))
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}
