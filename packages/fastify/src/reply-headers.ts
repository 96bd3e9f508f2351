import type { FastifyReply } from 'fastify'

export type HeaderValue = number | string | string[]

/** The headers of a reply at one moment. */
export type ReplyHeaders = readonly (readonly [name: string, value: HeaderValue])[]

/** What `reply.header` has set. */
type OwnHeaders = Readonly<Record<string, HeaderValue | undefined>>

const NO_HEADERS: ReplyHeaders = []

/**
 * Makes what reads the headers of replies, which is done for every request.
 *
 * `reply.getHeaders()` copies two objects, one of them a dictionary, into a third. So the headers of `reply.header` are
 * read where they are kept, while the response of Node has none.
 */
export function headerReader(): (reply: FastifyReply) => ReplyHeaders {
  let home: symbol | undefined
  let hasLooked = false

  return (reply) => {
    if (!hasLooked) {
      home = homeOfHeaders(reply)
      hasLooked = true
    }
    const isOwn = home !== undefined && reply.raw.getHeaderNames().length === 0
    return copyOf(isOwn ? (reply as unknown as Record<symbol, OwnHeaders>)[home!]! : reply.getHeaders())
  }
}

/** Finds under which symbol a reply keeps its headers, which is the one that `getHeaders` reads, if it reads one. */
function homeOfHeaders(reply: FastifyReply): symbol | undefined {
  return Object.getOwnPropertySymbols(reply).find((key) => {
    const probe = Object.create(Object.getPrototypeOf(reply) as object) as FastifyReply
    Object.assign(probe, { raw: { getHeaders: () => ({}) }, [key]: { 'x-probe': 'found' } })
    try {
      return probe.getHeaders()['x-probe'] === 'found'
    } catch {
      return false
    }
  })
}

function copyOf(headers: OwnHeaders): ReplyHeaders {
  let copy: [string, HeaderValue][] | undefined
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    // `reply.header` adds to a list in place.
    if (value !== undefined) (copy ??= []).push([name, Array.isArray(value) ? [...value] : value])
  }
  return copy ?? NO_HEADERS
}
