import { expect, it } from 'vitest'

import { withoutArguments } from './without-arguments.ts'

const KEY = 'holdfast:{AAAAAAAAAAAAAAAAAAAAAA}'

it('leaves of a failed command its name', () => {
  const error = Object.assign(new Error('OOM'), { command: { name: 'evalsha', args: ['sha', '1', KEY] } })
  expect(withoutArguments(error)).toBe(error)
  expect(error.command).toEqual({ name: 'evalsha' })
})

it('cuts arguments that Redis repeats, from the stack as well', () => {
  const error = withoutArguments(new Error(`ERR unknown command 'evalsha', with args beginning with: 'sha' '${KEY}' `))
  expect(error.message).toBe("ERR unknown command 'evalsha'")
  expect(error.stack).not.toContain(KEY)
  expect(error.stack).toContain('without-arguments.test')
})

it.each([undefined, 'text', new Error('Connection is closed.'), Object.assign(new Error('odd'), { command: null })])(
  'lets %s be',
  (reason) => {
    expect(withoutArguments(reason)).toBe(reason)
  },
)
