import { type HeldResponse, isOutgoingMessage } from './held-response.ts'

type HeaderValue = number | string | readonly string[]

/** A status, with a message where the protocol has one. */
export interface Status {
  readonly statusCode: number
  readonly statusMessage?: string
}

/** The headers and status of a response at one moment. */
export interface HeaderSnapshot {
  readonly status: Status
  readonly headers: readonly (readonly [name: string, value: HeaderValue])[]
  /** What `removeHeader` leaves behind besides a missing header. */
  readonly sendDate: boolean | undefined
  readonly removedConnection: boolean | undefined
  readonly removedContentLength: boolean | undefined
  readonly removedTransferEncoding: boolean | undefined
}

const NO_HEADERS: HeaderSnapshot['headers'] = []

/** Answers the status. A response of HTTP/2 warns when it is asked for its message. */
export function takeStatus(response: HeldResponse): Status {
  const { statusCode } = response
  return isOutgoingMessage(response) ? { statusCode, statusMessage: response.statusMessage } : { statusCode }
}

/** Does something while the response has a status, and then leaves it the one that it had. */
export function withStatus<Answer>(response: HeldResponse, status: Status, action: () => Answer): Answer {
  const later = takeStatus(response)
  Object.assign(response, status)
  try {
    return action()
  } finally {
    Object.assign(response, later)
  }
}

/** Remembers the headers of a response, with their case and order. */
export function takeSnapshot(response: HeldResponse): HeaderSnapshot {
  const names = response.getRawHeaderNames?.() ?? response.getHeaderNames()
  return {
    status: takeStatus(response),
    headers: names.length === 0 ? NO_HEADERS : names.map((name) => [name, copy(response.getHeader(name)!)]),
    sendDate: response.sendDate,
    removedConnection: response._removedConnection,
    removedContentLength: response._removedContLen,
    removedTransferEncoding: response._removedTE,
  }
}

/** Makes the headers and status of a response what they were. Its header must not have been sent. */
export function restoreSnapshot(response: HeldResponse, snapshot: HeaderSnapshot): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  for (const [name, value] of snapshot.headers) response.setHeader(name, copy(value))
  Object.assign(response, snapshot.status)
  if (!isOutgoingMessage(response)) return
  Object.assign(response, {
    sendDate: snapshot.sendDate,
    _removedConnection: snapshot.removedConnection,
    _removedContLen: snapshot.removedContentLength,
    _removedTE: snapshot.removedTransferEncoding,
  })
  response.addTrailers?.({})
}

/** `appendHeader` changes a list in place. */
function copy(value: HeaderValue): HeaderValue {
  return typeof value === 'object' ? [...value] : value
}
