import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { mergeHeader } from './header-merge.ts'

describe('Set-Cookie', () => {
  it.each([
    ['nothing', undefined, ['id=2; Path=/']],
    ['a cookie of another name', 'a=1', ['a=1', 'id=2; Path=/']],
    ['a cookie of this name', 'id=1; Path=/', ['id=2; Path=/']],
    ['several cookies, one of this name', ['a=1', 'id=1; Secure', 'b=2'], ['a=1', 'b=2', 'id=2; Path=/']],
    [
      'a cookie whose name only begins or ends so',
      ['idx=1', 'xid=1', 'ID=1'],
      ['idx=1', 'xid=1', 'ID=1', 'id=2; Path=/'],
    ],
    ['a cookie that names ours in its value', ['a=id=1', 'b="x; id=1"'], ['a=id=1', 'b="x; id=1"', 'id=2; Path=/']],
    ['a cookie with spaces around its name', [' id = 1'], ['id=2; Path=/']],
    ['what is no cookie', ['id', '', 'x'], ['', 'x', 'id=2; Path=/']],
    ['a number', 7, ['7', 'id=2; Path=/']],
  ])('is added to %s', (_, existing, merged) => {
    expect(mergeHeader('Set-Cookie', existing, 'id=2; Path=/')).toEqual(merged)
  })

  it('leaves the list alone that it was given', () => {
    const existing = ['id=1']
    mergeHeader('set-cookie', existing, 'id=2')
    expect(existing).toEqual(['id=1'])
  })

  it('keeps every other cookie in its order, and one of ours', () => {
    const name = fc.constantFrom('a', 'b', 'id', 'Id')
    const cookie = fc.tuple(name, fc.stringMatching(/^[a-z0-9=]*$/)).map(([key, value]) => `${key}=${value}; Path=/`)
    fc.assert(
      fc.property(fc.array(cookie), (existing) => {
        const merged = mergeHeader('SET-COOKIE', existing, 'id=mine')
        expect(merged).toEqual([...existing.filter((each) => !each.startsWith('id=')), 'id=mine'])
      }),
    )
  })
})

describe('Vary', () => {
  it.each([
    ['nothing', undefined, 'Cookie'],
    ['another name', 'Accept-Encoding', 'Accept-Encoding, Cookie'],
    ['the same name', 'Cookie', 'Cookie'],
    ['the same name in another case', 'accept, cookie', 'accept, cookie'],
    ['a list', ['Accept', 'Origin , accept'], 'Accept, Origin, Cookie'],
    ['everything', '*', '*'],
    ['everything among others', ['Accept', '*'], '*'],
    ['empty parts', ', Accept,,', 'Accept, Cookie'],
  ])('is merged with %s', (_, existing, merged) => {
    expect(mergeHeader('vary', existing, 'Cookie')).toBe(merged)
  })

  it('takes several names at once, and everything', () => {
    expect(mergeHeader('Vary', 'Accept', 'Cookie, accept, X-Session')).toBe('Accept, Cookie, X-Session')
    expect(mergeHeader('Vary', 'Accept', '*')).toBe('*')
  })
})

it.each(['Cache-Control', 'x-session', 'Clear-Site-Data'])('%s is replaced', (name) => {
  expect(mergeHeader(name, ['public', 'max-age=60'], 'no-store')).toBe('no-store')
  expect(mergeHeader(name, undefined, 'no-store')).toBe('no-store')
})
