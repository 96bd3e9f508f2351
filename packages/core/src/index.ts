export type * from "./contracts/store.ts"
