export { bindingConformance, type BindingConformanceOptions } from './binding/binding-conformance.ts'
export type {
  Answer,
  AnswerBody,
  AnswerHead,
  BindingRoute,
  BindingRoutes,
  BindingVisit,
  Fields,
  Serve,
  ServedApplication,
} from './binding/routes.ts'
export type { Runner } from './runner.ts'
export type { StoreHarness } from './store/store-case.ts'
export { storeConformance, type StoreConformanceOptions } from './store/store-conformance.ts'
