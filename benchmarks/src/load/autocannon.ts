import autocannon from 'autocannon'

import { type LoadGenerator, type LoadResult, type LoadTerms, checked } from './load.ts'
import { cookieHeader } from './request-text.ts'

/** How often it looks whether to end, in milliseconds. */
const SAMPLE = 50

/** Loads by autocannon, in this process. */
export const autocannonLoad: LoadGenerator = { name: 'autocannon', run }

async function run({ port, shots, connections, duration }: LoadTerms): Promise<LoadResult> {
  let next = 0
  const startedAt = performance.now()
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections: duration === 'spent' ? Math.min(connections, shots.length) : connections,
    sampleInt: SAMPLE,
    skipAggregateResult: false,
    ...(duration === 'spent' ? { amount: shots.length } : { duration }),
    requests: [
      {
        setupRequest: (request) => {
          const shot = shots[next++ % shots.length]
          if (shot === undefined) return request
          const { method, path, cookie } = shot
          return { ...request, method, path, headers: { ...request.headers, cookie: cookieHeader(cookie) } }
        },
      },
    ],
  })
  const requests = result['2xx'] + result.non2xx
  return checked({ requests, seconds: (performance.now() - startedAt) / 1000 }, result.non2xx + result.errors)
}
