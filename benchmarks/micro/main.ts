/** `npm run bench:micro -- [part of a name]`: single mechanisms, by mitata. */
import { run } from 'mitata'

// So that engines neither warn of a missing mode nor of cookies over plain http.
process.env['NODE_ENV'] ??= 'benchmark'

const MODULES = ['token', 'cookie', 'seal', 'codec', 'envelope', 'merge', 'engine', 'redis', 'postgres'] as const

const [filter = ''] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const closers: (() => Promise<void>)[] = []
for (const name of MODULES) {
  if (filter !== '' && MODULES.some((one) => one === filter) && name !== filter) continue
  const { define } = (await import(`./${name}-bench.ts`)) as { define: () => Promise<Close> | Close }
  const close = await define()
  if (close !== undefined) closers.push(close)
}
await run({ filter: new RegExp(filter), throw: true })
for (const close of closers) await close()

type Close = (() => Promise<void>) | void
