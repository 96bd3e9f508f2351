import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { readPerfStat } from '../src/machine/instructions.ts'
import { plotsOf } from '../src/report/plots.ts'
import { tablesOf } from '../src/report/table.ts'
import { withSection } from '../src/report/write-docs.ts'
import type { Results } from '../src/results.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const SHORT = ['--invocations', '1', '--rounds', '2', '--seconds', '0.1', '--latency', '0.1', '--warm-up', '1']

async function bench(...args: readonly string[]): Promise<{ results: Results; shown: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-bench-test-'))
  const file = path.join(folder, 'results.json')
  try {
    const flags = ['--conditions=@holdfast/source', MAIN, '--json', file, '--load', 'autocannon', ...SHORT]
    const child = spawn(process.execPath, [...flags, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let shown = ''
    let complaints = ''
    child.stdout.on('data', (chunk: Buffer) => void (shown += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => void (complaints += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    if (code !== 0) throw new Error(`The harness ended with ${code}:\n${complaints}`)
    return { results: JSON.parse(readFileSync(file, 'utf8')) as Results, shown }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the harness', () => {
  it('measures contenders beside their bare framework, and shows what it found', async () => {
    const { results, shown } = await bench('--only', 'express-holdfast-memory', '--scenario', 'read350')
    expect(results).toMatchObject({
      format: 1,
      conditions: { load: 'autocannon', code: 'sources', invocations: 1, rounds: 2 },
      growth: [],
      memory: [],
    })
    expect(results.cells.map(({ group, contender, scenario }) => [group, contender, scenario])).toEqual([
      ['express, memory', 'express-bare', 'read350'],
      ['express, memory', 'express-holdfast-memory', 'read350'],
    ])
    for (const { rounds, latencies } of results.cells) {
      expect(rounds).toHaveLength(2)
      for (const { requests, seconds, cpuMicros, rss, storeCommands } of rounds) {
        expect(Math.min(requests, seconds, cpuMicros, rss)).toBeGreaterThan(0)
        expect(storeCommands).toEqual({})
      }
      expect(latencies).toHaveLength(1)
      expect(latencies[0]?.p99).toBeGreaterThanOrEqual(latencies[0]?.p50 ?? Infinity)
    }
    expect(shown.trimEnd()).toBe(tablesOf(results).trimEnd())
    expect(shown).toMatch(/^\| \*\*express-holdfast-memory\*\* \| \d\.\d\d \/ \d\.\d\d \|/m)
    expect(plotsOf(results).map(({ file }) => file)).toEqual(['express.svg'])
  })

  it('reads what perf prints', () => {
    expect(readPerfStat('1234567,,instructions,1000,100.00,,\n')).toBe(1_234_567)
    expect(readPerfStat('<not supported>,,instructions,0,100.00,,\n')).toBeNull()
    expect(readPerfStat('')).toBeNull()
  })

  it('replaces a section of a page, and nothing else', () => {
    const page = 'before\n<!-- results: `npm run bench -- --write` -->\nold\n<!-- end of results -->\nafter\n'
    const renewed = withSection(page, 'new\n')
    expect(renewed).toContain('-->\n\nnew\n\n<!-- end')
    expect(renewed).toMatch(/^before\n/)
    expect(renewed).toMatch(/\nafter\n$/)
    expect(withSection(renewed, 'new')).toBe(renewed)
  })
})
