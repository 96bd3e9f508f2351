/** How long a tombstone, an alias past its grace and a record past its end are kept, in milliseconds. */
export const RETENTION_MS = 60_000
