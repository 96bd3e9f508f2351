/**
 * A key: one secret, and what is derived from it by HKDF with SHA-256 (RFC 5869), each for one purpose alone. So what
 * is sealed for one purpose never opens for another, and what leaks of one says nothing about the rest.
 */
import { Buffer } from 'node:buffer'
import { type KeyObject, createSecretKey, hkdfSync } from 'node:crypto'

/** What a derived key is for. A purpose is never given another meaning: its version goes up instead. */
export type KeyPurpose = 'record' | 'cookie'

export interface Key {
  /** Names the key in what it has sealed: 8 characters of base64url. Derived too, so it says nothing of the secret. */
  readonly generation: string
  /** The secret as it was given, for what another library has sealed under it. */
  readonly secret: string
  /** Answers the 32 bytes for one purpose, always the same. */
  for(purpose: KeyPurpose): Uint8Array
  /** Answers them as Node's own ciphers take them ten times as fast. */
  objectFor(purpose: KeyPurpose): KeyObject
}

/** Bytes of a {@link Key.generation}. */
export const GENERATION_BYTES = 6
const KEY_BYTES = 32

class DerivedKey implements Key {
  readonly generation: string
  // Private, so that no inspection and no JSON shows them.
  readonly #secret: string
  readonly #derived = new Map<KeyPurpose, KeyObject>()

  constructor(secret: string) {
    this.#secret = secret
    this.generation = Buffer.from(derive(secret, 'generation', GENERATION_BYTES)).toString('base64url')
  }

  get secret(): string {
    return this.#secret
  }

  for(purpose: KeyPurpose): Uint8Array {
    return this.objectFor(purpose).export()
  }

  objectFor(purpose: KeyPurpose): KeyObject {
    const known = this.#derived.get(purpose)
    if (known !== undefined) return known
    const derived = createSecretKey(derive(this.#secret, purpose, KEY_BYTES))
    this.#derived.set(purpose, derived)
    return derived
  }
}

export function keyFrom(secret: string): Key {
  return new DerivedKey(secret)
}

function derive(secret: string, purpose: KeyPurpose | 'generation', length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `holdfast: ${purpose}, version 1`, length))
}
