import type { SessionStore } from '@holdfast/core'
import { keyBytes, keyOf } from '../statements/key-bytes.ts'
import { recordValues, whole } from '../statements/record-values.ts'
import { absent, isOver, look } from './look.ts'
import type { Tools } from './verbs.ts'

export function renewVerb(tools: Tools): SessionStore['renew'] {
  const { client, statements, channel } = tools
  return async function renew(renewal, call) {
    const { key, expected, record, alias } = renewal
    const bytes = keyBytes(key)
    const [row] = await client.query(
      statements.renew,
      [
        bytes,
        expected,
        ...recordValues(keyBytes(record.key), record),
        whole(alias.at),
        whole(alias.graceUntil),
        alias.commitId,
        channel,
        alias.sealedToken ?? null,
      ],
      call.signal,
    )
    const outcome = row?.['outcome']
    if (outcome === 'renewed' || outcome === 'exists') return { outcome, key: keyOf(row?.['key'], key, bytes) }
    const { answer, now } = await look(tools, key, call.signal, bytes)
    if (answer.outcome === 'moved' && answer.alias.commitId === call.commitId) {
      return { outcome: 'renewed', key: answer.key }
    }
    if (answer.outcome !== 'found') return answer
    if (isOver(answer, now)) return absent(answer.key)
    // It came to be between the two statements.
    if (answer.record.revision === expected) return renew(renewal, call)
    return { ...answer, outcome: 'conflict' }
  }
}
