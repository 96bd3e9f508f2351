import { type HeldResponse, isOutgoingMessage } from './held-response.ts'

type HeaderValue = number | string | readonly string[]

/** A status, with a message where the protocol has one. */
export interface Status {
  readonly statusCode: number
  readonly statusMessage?: string
}

/** The headers and status of a response at one moment. */
export interface HeaderSnapshot {
  readonly statusCode: number
  /** Absent where the protocol has none. */
  readonly statusMessage: string | undefined
  /** In lower case. */
  readonly names: readonly string[]
  readonly values: readonly HeaderValue[]
  /** What `removeHeader` leaves behind besides a missing header. */
  readonly sendDate: boolean | undefined
  readonly removedConnection: boolean | undefined
  readonly removedContentLength: boolean | undefined
  readonly removedTransferEncoding: boolean | undefined
}

const NO_VALUES: readonly HeaderValue[] = []

/** Answers the status. A response of HTTP/2 warns when it is asked for its message. */
export function takeStatus(response: HeldResponse): Status {
  const { statusCode } = response
  return isOutgoingMessage(response) ? { statusCode, statusMessage: response.statusMessage } : { statusCode }
}

/** Does something while the response has a status, and then leaves it the one that it had. */
export function withStatus<Answer>(response: HeldResponse, status: Status, action: () => Answer): Answer {
  const later = takeStatus(response)
  giveStatus(response, status)
  try {
    return action()
  } finally {
    giveStatus(response, later)
  }
}

function giveStatus(response: HeldResponse, { statusCode, statusMessage }: Status): void {
  response.statusCode = statusCode
  if (isOutgoingMessage(response)) response.statusMessage = statusMessage!
}

/** Remembers the headers of a response. Made for every request, so it asks for nothing that is dear. */
export function takeSnapshot(response: HeldResponse): HeaderSnapshot {
  const names = response.getHeaderNames()
  const isPlain = isOutgoingMessage(response)
  return {
    statusCode: response.statusCode,
    // A response of HTTP/2 warns when it is asked for its message.
    statusMessage: isPlain ? response.statusMessage : undefined,
    names,
    values: names.length === 0 ? NO_VALUES : names.map((name) => copy(response.getHeader(name)!)),
    sendDate: response.sendDate,
    removedConnection: response._removedConnection,
    removedContentLength: response._removedContLen,
    removedTransferEncoding: response._removedTE,
  }
}

/**
 * Makes the headers and status of a response what they were. Its header must not have been sent. A header that is as it
 * was is not touched; one that has been replaced keeps the case that it has now, one that has been removed comes back in
 * lower case.
 */
export function restoreSnapshot(response: HeldResponse, snapshot: HeaderSnapshot): void {
  const now = response.getRawHeaderNames?.() ?? response.getHeaderNames()
  const rawNames = new Map(now.map((name) => [name.toLowerCase(), name]))
  for (const [name, raw] of rawNames) if (!snapshot.names.includes(name)) response.removeHeader(raw)
  for (const [index, name] of snapshot.names.entries()) {
    const value = snapshot.values[index]!
    if (!isEqual(response.getHeader(name), value)) response.setHeader(rawNames.get(name) ?? name, copy(value))
  }
  response.statusCode = snapshot.statusCode
  if (!isOutgoingMessage(response)) return
  Object.assign(response, {
    statusMessage: snapshot.statusMessage,
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

function isEqual(one: HeaderValue | undefined, other: HeaderValue): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other
  return one.length === other.length && one.every((value, index) => value === other[index])
}
