import type { SessionStore } from '@holdfast/core'
import { keyBytes, keyOf } from '../statements/key-bytes.ts'
import { recordValues } from '../statements/record-values.ts'
import { look } from './look.ts'
import type { Tools } from './verbs.ts'

export function createVerb(tools: Tools): SessionStore['create'] {
  const { client, statements } = tools
  return async function create(record, call) {
    const { key } = record
    const bytes = keyBytes(key)
    const [created] = await client.query(statements.create, recordValues(bytes, record), call.signal)
    if (created !== undefined) return { outcome: 'created', key: keyOf(created['key'], key, bytes) }
    const { answer } = await look(tools, key, call.signal, bytes)
    switch (answer.outcome) {
      case 'ended':
        return answer
      case 'absent':
        // What lies there counts as gone, but no sweep has come by yet.
        await client.query(statements.clear, [bytes], call.signal)
        return create(record, call)
      case 'found':
        if (answer.record.commits.includes(call.commitId)) return { outcome: 'created', key: answer.key }
    }
    return { outcome: 'exists', key: answer.key }
  }
}
