import type { Countable, Generational, SessionStore, SubjectIndex, Trimmable } from '@holdfast/core'
import type { SqlClient } from '../connection/sql-client.ts'
import type { Statements } from '../statements/statements.ts'
import type { StoreClock } from '../store-clock.ts'
import { countVerb } from './count-live.ts'
import { createVerb } from './create.ts'
import { endVerb } from './end.ts'
import { generationVerbs } from './generation.ts'
import { listVerb } from './list-subject.ts'
import { loadVerb } from './load.ts'
import { renewVerb } from './renew.ts'
import { touchVerb } from './touch.ts'
import { trimVerb } from './trim.ts'
import { updateVerb } from './update.ts'

/** What every verb works with. */
export interface Tools {
  readonly client: SqlClient
  readonly statements: Statements
  readonly clock: StoreClock
  /** The channel on which ends and renewals are told; `null`: they are not. */
  readonly channel: string | null
}

export type Verbs = Pick<SessionStore, 'load' | 'create' | 'update' | 'touch' | 'renew' | 'end'> &
  SubjectIndex &
  Trimmable &
  Generational &
  Countable

export function verbsOf(tools: Tools): Verbs {
  return {
    load: loadVerb(tools),
    create: createVerb(tools),
    update: updateVerb(tools),
    touch: touchVerb(tools),
    renew: renewVerb(tools),
    end: endVerb(tools),
    listSubject: listVerb(tools),
    countLive: countVerb(tools),
    trim: trimVerb(tools),
    ...generationVerbs(tools),
  }
}
