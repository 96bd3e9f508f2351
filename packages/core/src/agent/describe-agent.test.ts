import { describe, expect, it } from 'vitest'

import { describeAgent } from './index.ts'

const AGENTS: readonly (readonly [header: string, label: string | undefined])[] = [
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'Chrome on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
  ],
  ['curl/8.5.0', 'curl'],
  ['', undefined],
  ['\u0000', undefined],
]

describe('the label of a client', () => {
  it.each(AGENTS)('NIST 5.3-c: of %j tells %j, and no version', (header, label) => {
    const described = describeAgent(header)
    if (label === 'curl') expect(described ?? '').not.toMatch(/\d/)
    else expect(described).toBe(label)
  })

  it('takes no time that grows with a hostile header', () => {
    const startedAt = performance.now()
    describeAgent('Mozilla/5.0 ('.repeat(100_000))
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})
