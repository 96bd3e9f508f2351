/**
 * `npm run bench:shares -- CONTENDER SCENARIO [--requests=N] [--top=N]`: where the CPU time of a request goes, by
 * function, within one process. A function's share includes the native code that it calls, and says which.
 *
 * Shares are the same however busy the machine is, and small changes show: a change is judged by them first, by
 * `bench:path` second, and by `bench` last. Needs `perf`; its software clock is enough.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

import { contenderNamed } from '../src/contenders.ts'
import { BackingStores } from '../src/stores/backing-stores.ts'
import { ShareCount } from './share-count.ts'

const option = (name: string, usual: number): number =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? usual)
const [name = 'fastify-holdfast-memory', scenario = 'read350'] = process.argv
  .slice(2)
  .filter((word) => !word.startsWith('--'))
const { module, store } = contenderNamed(name)

const stores = await BackingStores.startFor([contenderNamed(name)])
const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-shares-'))
try {
  const { redisUrl, postgresUrl } = await stores.renew()
  const lap = [new URL('lap.ts', import.meta.url).pathname, module, scenario, store, redisUrl, postgresUrl]
  const flags = ['--perf-basic-prof', '--interpreted-frames-native-stack', ...process.execArgv]
  const data = path.join(folder, 'perf.data')
  const recording = ['record', '-q', '-e', 'cpu-clock', '-F', '4000', '-g', '-o', data]
  const requests = String(option('requests', 200_000))
  const recorder = spawn('perf', [...recording, process.execPath, ...flags, ...lap, requests], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
  })
  const [code] = (await once(recorder, 'close')) as [number]
  if (code !== 0) throw new Error(`perf ended with ${code}.`)
  await rm(`/tmp/perf-${recorder.pid}.map`, { force: true })
  const reader = spawn('perf', ['script', '-i', data, '-F', 'comm,ip,sym'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const shares = new ShareCount()
  for await (const line of createInterface({ input: reader.stdout })) shares.read(line)
  console.log(shares.report(option('top', 60)))
} finally {
  await rm(folder, { recursive: true, force: true })
  await stores.stop()
}
