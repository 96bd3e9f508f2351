export type { Runner } from './runner.ts'
export type { StoreHarness } from './store/store-case.ts'
export { storeConformance, type StoreConformanceOptions } from './store/store-conformance.ts'
