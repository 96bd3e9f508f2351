export type * from "./contracts/store.ts"
export { engineClock, type ClockSource } from './mechanisms/engine-clock.ts'
export { memoryStore, type MemoryStore, type MemoryStoreOptions } from './mechanisms/memory-store/memory-store.ts'
