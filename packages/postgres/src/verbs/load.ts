import type { SessionStore } from '@holdfast/core'
import { look } from './look.ts'
import type { Tools } from './verbs.ts'

export function loadVerb(tools: Tools): SessionStore['load'] {
  return async (key, { signal }) => (await look(tools, key, signal)).answer
}
