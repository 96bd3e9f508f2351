/**
 * How often a trial of faults may be repeated. It stands on premises besides the promise that it proves: which server is
 * master, that no timer is late by half a deadline. Two cores that do much else at the time may break one of those; a
 * promise that is broken is broken every time.
 */
export const AGAIN = { retry: 3 } as const
