/** How long the contract keeps tombstones, aliases past their grace, and records past their end, in milliseconds. */
export const RETENTION = 60_000
