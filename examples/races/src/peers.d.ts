/**
 * Stands for `src/peers` where Holdfast's types are in the program: those of the peers claim `session` on requests too.
 * `tsconfig.peers.json` checks the peers by themselves.
 */
import type { Contender } from './contender.ts'

export declare const PEERS: readonly Contender[]
