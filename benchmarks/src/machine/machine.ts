import { arch, cpus, platform, release, totalmem } from 'node:os'

/** Where results come from. */
export interface Machine {
  readonly cpu: string
  readonly cpus: number
  readonly memory: number
  readonly platform: string
  readonly node: string
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memory: totalmem(),
    platform: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
  }
}
