/** Types the sessions of every binding, once for all of them. */
import type { SessionFields } from '../session-fields.ts'

declare module '@holdfast/core' {
  interface Register {
    data: SessionFields
  }
}
