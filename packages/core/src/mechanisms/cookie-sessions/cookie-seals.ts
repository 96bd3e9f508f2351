/** The seals of one cookie: what they are made of, and what opens. */
import { Buffer } from 'node:buffer'
import { hkdfSync } from 'node:crypto'

import { StoreError } from '../../contracts/errors.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Key } from '../keys/key.ts'
import { type IronKey, openBytes, readLabel, sealBytes } from './iron.ts'

export interface CookieSeals {
  /**
   * Seals bytes with the key that seals now. `until` is when they lose their meaning.
   *
   * @throws (rejects) StoreError `ERR_KEYS`
   */
  seal(bytes: Uint8Array, until: number): Promise<string>
  /**
   * Opens a seal. `'unreadable'`: nobody of ours can have made it. `'unknown'`: its key is gone, and its time is over.
   *
   * @throws (rejects) StoreError `ERR_KEYS`; `ERR_KEY_UNKNOWN` for a seal whose time is not over, made by a key that
   *   this process does not have
   */
  open(seal: string, now: number): Promise<Uint8Array | 'unreadable' | 'unknown'>
}

const KEY_BYTES = 32

/** Makes the seals of the cookie of that name: the keys come from the name too, so that none opens under another. */
export function createCookieSeals(ring: KeyRing, cookieName: string): CookieSeals {
  const derived = new WeakMap<Key, IronKey>()

  function ironKey(key: Key): IronKey {
    const known = derived.get(key)
    if (known !== undefined) return known
    const derive = (use: string): Uint8Array =>
      new Uint8Array(hkdfSync('sha256', key.for('cookie'), new Uint8Array(0), `${use} of ${cookieName}`, KEY_BYTES))
    const made = {
      id: toId(key.generation),
      encryption: derive('encryption'),
      integrity: derive('integrity'),
    }
    derived.set(key, made)
    return made
  }

  return {
    seal: async (bytes, until) => {
      await ring.refresh()
      return sealBytes(bytes, ironKey(ring.sealing()), until)
    },
    open: async (seal, now) => {
      const label = readLabel(seal)
      if (label === undefined) return 'unreadable'
      await ring.refresh()
      const generation = toGeneration(label.keyId)
      let key = ring.opening(generation)
      if (key === undefined && now < label.until) {
        await ring.learn(generation)
        key = ring.opening(generation)
      }
      if (key !== undefined) return openBytes(seal, ironKey(key)).catch(() => 'unreadable')
      if (now >= label.until) return 'unknown'
      throw unknownKey()
    },
  }
}

/** Iron allows no `-` in the name of a key. */
function toId(generation: string): string {
  return Buffer.from(generation, 'base64url').toString('hex')
}

function toGeneration(id: string): string {
  return Buffer.from(id, 'hex').toString('base64url')
}

function unknownKey(): StoreError {
  return new StoreError(
    'ERR_KEY_UNKNOWN',
    'The cookie is sealed by a key that this process does not have, so its session cannot be read, and is kept as it ' +
      'is: a fresh one would replace it. Give every process the key before any seals with it, and take a key away only ' +
      'when its sessions have ended. The cookie is refused like this until its idle timeout has passed.',
  )
}
