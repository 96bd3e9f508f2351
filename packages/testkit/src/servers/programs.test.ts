import { afterEach, expect, it, vi } from 'vitest'

import { serverProgram } from './programs.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

it('tells the command to run where a server is missing and cannot be installed', async () => {
  vi.stubEnv('PATH', '/nowhere')
  vi.spyOn(process, 'getuid').mockReturnValue(1000)
  await expect(serverProgram('redis-server')).rejects.toThrow(
    /Run: (sudo apt-get install -y|brew install) redis-server$/,
  )
})
