/** What the harness and a contender's process say to each other. */
export type Question = { readonly type: 'usage'; readonly collectsGarbage: boolean } | { readonly type: 'stop' }

/** What a process has used since it began. */
export interface Usage {
  /** User and system, all threads, in microseconds. */
  readonly cpuMicros: number
  /** Statements sent to Postgres. */
  readonly queries: number
  readonly rss: number
  /** Heap and array buffers in use. */
  readonly retained: number
}

export type Report = { readonly type: 'ready'; readonly port: number } | ({ readonly type: 'usage' } & Usage)
