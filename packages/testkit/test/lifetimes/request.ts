import type { Exchange, Session, Sessions } from '@holdfast/core'

/** One request without HTTP: what its handler answers, and the cookie that the client has afterwards. */
export interface Answered<Result> {
  readonly result: Result
  readonly cookie: string | undefined
}

/** Serves a request by an engine, as a binding does. */
export async function request<Data extends object, Result>(
  sessions: Sessions<Data>,
  cookie: string | undefined,
  handle: (session: Session<Data>) => Result,
): Promise<Answered<Result>> {
  let newCookie = cookie
  const exchange: Exchange = {
    secure: false,
    header: (name) => (name === 'cookie' ? cookie : undefined),
    appendHeader: (name, value) => {
      if (name.toLowerCase() === 'set-cookie') newCookie = value.split(';')[0]
    },
  }
  const session = await sessions.open(exchange)
  const result = handle(session)
  await sessions.finish(session, { status: 200 })
  return { result, cookie: newCookie }
}
