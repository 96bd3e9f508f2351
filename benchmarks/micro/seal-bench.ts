/** What a seal in a cookie costs: iron with keys, as cookie sessions use it, beside what else there is. */
import { measureAsync } from './case.ts'
import { sealCases } from './seal-cases.ts'

export async function define(): Promise<void> {
  for (const size of ['350', '4k'] as const) {
    for (const { name, seal, open } of sealCases(size)) {
      const sealed = await seal()
      measureAsync(`seal: ${name}, ${size}, seal`, async () => seal())
      measureAsync(`seal: ${name}, ${size}, open`, () => open(sealed))
    }
  }
}
