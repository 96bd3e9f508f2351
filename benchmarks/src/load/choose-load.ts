import { installPackage } from '../../../packages/testkit/src/servers/debian-packages.ts'
import { autocannonLoad } from './autocannon.ts'
import type { LoadGenerator } from './load.ts'
import { hasWrk, wrkLoad } from './wrk.ts'

/** Answers the load generator of that name; without one wrk, which is installed where tests install servers. */
export async function chooseLoad(name: string | undefined): Promise<LoadGenerator> {
  switch (name) {
    case 'autocannon':
      return autocannonLoad
    case 'wrk':
      return wrkLoad
    case undefined:
      return (await canHaveWrk()) ? wrkLoad : autocannonLoad
    default:
      throw new Error(`There is no load generator "${name}". There are: wrk, autocannon.`)
  }
}

async function canHaveWrk(): Promise<boolean> {
  if (hasWrk()) return true
  try {
    await installPackage('wrk', hasWrk)
    return hasWrk()
  } catch {
    return false
  }
}
