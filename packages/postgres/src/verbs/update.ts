import type { SessionStore } from '@holdfast/core'
import { keyBytes, keyOf } from '../statements/key-bytes.ts'
import { recordValues } from '../statements/record-values.ts'
import { absent, isOver, look } from './look.ts'
import type { Tools } from './verbs.ts'

export function updateVerb(tools: Tools): SessionStore['update'] {
  const { client, statements } = tools
  return async function update(record, expected, call) {
    const { key } = record
    const bytes = keyBytes(key)
    const [updated] = await client.query(statements.update, [...recordValues(bytes, record), expected], call.signal)
    if (updated !== undefined) return { outcome: 'updated', key: keyOf(updated['key'], key, bytes) }
    const { answer, now } = await look(tools, key, call.signal, bytes)
    if (answer.outcome !== 'found') return answer
    if (answer.record.commits.includes(call.commitId)) return { outcome: 'updated', key: answer.key }
    if (isOver(answer, now)) return absent(answer.key)
    // It came to be between the two statements.
    if (answer.record.revision === expected) return update(record, expected, call)
    return { ...answer, outcome: 'conflict' }
  }
}
