import { afterEach, expect, it, vi } from 'vitest'

import { testProgram } from './programs.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

it('tells the command to run where a server is missing and cannot be installed', async () => {
  vi.stubEnv('PATH', '/nowhere')
  vi.spyOn(process, 'getuid').mockReturnValue(1000)
  await expect(testProgram('redis-server')).rejects.toThrow(/Run: (sudo apt-get install -y|brew install) redis-server$/)
})
