import { expect, it } from 'vitest'

import { createCircuit } from './circuit.ts'

it('opens after failures in a row, lets one trial through at a time, and closes when one succeeds', () => {
  let now = 0
  const circuit = createCircuit({ threshold: 3, pause: 100, monotonic: () => now })
  const admitted = (): boolean[] => [circuit.admits(), circuit.admits()]
  circuit.failed()
  circuit.failed()
  circuit.succeeded()
  circuit.failed()
  circuit.failed()
  expect(admitted()).toEqual([true, true])
  circuit.failed()
  expect(admitted()).toEqual([false, false])
  now = 99
  expect(admitted()).toEqual([false, false])
  now = 100
  expect(admitted()).toEqual([true, false])
  circuit.failed()
  now = 200
  expect(admitted()).toEqual([true, false])
  circuit.succeeded()
  expect(admitted()).toEqual([true, true])
})
