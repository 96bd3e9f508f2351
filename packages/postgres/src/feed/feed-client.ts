/** The members of a `pg` Client that the feed uses. */
export interface FeedClient {
  connect(): Promise<unknown>
  // oxlint-disable-next-line typescript/no-explicit-any -- as in every client of Postgres
  query(text: string, values?: any[]): Promise<{ rows: any[] }>
  // oxlint-disable-next-line typescript/no-explicit-any -- one signature for all events
  on(event: 'notification' | 'error' | 'end', listener: (message: any) => void): unknown
  end(): Promise<void>
}
