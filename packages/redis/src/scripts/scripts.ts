import {
  ALIAS,
  BEAT,
  CONFIRM,
  CREATE,
  DISCARD,
  END,
  GENERATION,
  INDEX,
  LOOK,
  PENDING,
  RENEW,
  REPAIR,
  RESTORE,
  TOUCH,
  TRIM,
  UPDATE,
} from './lua-sources.ts'
import { type Script, script } from './script.ts'

type ScriptName =
  | 'alias'
  | 'beat'
  | 'confirm'
  | 'create'
  | 'discard'
  | 'end'
  | 'generation'
  | 'index'
  | 'look'
  | 'pending'
  | 'renew'
  | 'repair'
  | 'restore'
  | 'touch'
  | 'trim'
  | 'update'

/** All scripts that the store sends. Each is described at the head of its .lua file. */
export const SCRIPTS: Readonly<Record<ScriptName, Script>> = {
  alias: script(ALIAS),
  beat: script(BEAT),
  confirm: script(CONFIRM),
  create: script(CREATE),
  discard: script(DISCARD),
  end: script(END),
  generation: script(GENERATION),
  index: script(INDEX),
  look: script(LOOK),
  pending: script(PENDING),
  renew: script(RENEW),
  repair: script(REPAIR),
  restore: script(RESTORE),
  touch: script(TOUCH),
  trim: script(TRIM),
  update: script(UPDATE),
}
