export { Browser, type Connections, connections, type Page, type PageRequest } from './browser.ts'
export { type Certificate, certificate } from './certificate.ts'
export {
  type Acknowledgement,
  type Fault,
  type FaultPlan,
  type FaultyCall,
  type FaultyStore,
  faultyStore,
  strikeOnce,
  type Verb,
} from './faulty-store.ts'
export { type LoopDelay, measureLoopDelay } from './loop-delay.ts'
export { type ManualClock, manualClock } from './manual-clock.ts'
export { type Latch, latch, Meetings } from './meetings.ts'
export { RawClient, type RawResponse } from './raw-client.ts'
export { rounds } from './rounds.ts'
