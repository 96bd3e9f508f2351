import { describe, expect, it } from 'vitest'

import { codeOf } from '../test/visit.ts'
import { type OptionsError, createSessions, memoryStore, handleShower, nodeExchange, readMount } from './index.ts'

function showHandle(target: object, property: string, handle: object): void {
  handleShower(property, () => handle)(target, handle)
}

const sessions = createSessions({ store: memoryStore() })

function problemsOf(run: () => unknown): readonly { path: string; message: string }[] {
  try {
    run()
    return []
  } catch (error) {
    return (error as OptionsError).problems
  }
}

describe('the options of a binding', () => {
  it('are read once, with the defaults of the engine left to the engine', () => {
    expect(readMount('it', sessions, {})).toEqual({ property: 'session', open: {} })
    const given = { property: 'hold', load: 'lazy', passive: true }
    expect(readMount('it', sessions, given)).toEqual({ property: 'hold', open: { load: 'lazy', passive: true } })
  })

  it('are refused together, each with what to write instead', () => {
    const problems = problemsOf(() => readMount('it', {}, { load: 'soon', passive: 1, property: '', proprety: 'x' }))
    expect(problems.map(({ path }) => path)).toEqual(['sessions', 'proprety', 'load', 'passive', 'property'])
    expect(problems[0]?.message).toContain('createSessions')
    expect(problems[1]?.message).toContain('load, passive, property')
  })

  it('may have more of them in one binding than in another', () => {
    expect(problemsOf(() => readMount('it', sessions, { prefix: '/' }, ['prefix']))).toEqual([])
  })

  it.each([undefined, null, createSessions, { store: memoryStore() }])('need an engine, and get %o', (given) => {
    expect(problemsOf(() => readMount('it', given, {}))).toHaveLength(1)
  })
})

describe('the property of a home', () => {
  const setUp = () => {
    const home: { session?: unknown } = {}
    const handles = new Map<object, object>()
    const shower = handleShower('session', (target) => handles.get(target)!, Object.getPrototypeOf)
    const show = (target: object, handle: object): void => shower(target, handles.set(target, handle).get(target)!)
    const born = (): { session?: unknown } => Object.create(home) as object
    return { home, show, born }
  }

  it('shows each target its own handle, and refuses to be assigned or redefined', async () => {
    const { home, show, born } = setUp()
    const targets = [born(), born()]
    const handles = [{}, {}]
    for (const [index, target] of targets.entries()) show(target, handles[index]!)
    for (const [index, target] of targets.entries()) expect(target.session).toBe(handles[index])
    expect(await codeOf(() => (targets[0]!.session = null))).toBe('ERR_PROPERTY_STYLE')
    expect(() => Object.defineProperty(home, 'session', { value: 1 })).toThrow(TypeError)
    expect(targets[0]!.session).toBe(handles[0])
  })

  it('is undefined to a target that no handle was shown on, and takes what others assign', async () => {
    const { show, born } = setUp()
    show(born(), {})
    const foreign = born()
    expect(foreign.session).toBeUndefined()
    foreign.session = undefined
    foreign.session = { regenerate() {} }
    foreign.session = Object.assign(foreign.session as object, { user: 'ann' })
    expect(foreign.session).toHaveProperty('user', 'ann')
    expect(born().session).toBeUndefined()
    expect(await codeOf(() => show(foreign, {}))).toBe('ERR_ALREADY_MOUNTED')
  })

  it('is shared by mounts, and shows a handle that comes after an assignment of nothing', async () => {
    const { show, born } = setUp()
    const other = handleShower('session', () => ({}), Object.getPrototypeOf)
    const [one, two] = [born(), born()]
    one.session = undefined
    show(one, [1])
    other(two, [2])
    two.session ??= 'never'
    expect([one.session, two.session]).toEqual([[1], [2]])
    expect(await codeOf(() => other(one, {}))).toBe('ERR_ALREADY_MOUNTED')
  })

  it('goes to the targets where a home cannot have it', () => {
    const home = Object.freeze({})
    const handle = {}
    const target = Object.create(home) as object
    handleShower('session', () => handle, Object.getPrototypeOf)(target, handle)
    expect(target).toHaveProperty('session', handle)
    expect(Object.hasOwn(target, 'session')).toBe(true)
  })
})

describe('the property that shows a handle', () => {
  it('answers it, and refuses to be assigned or redefined', async () => {
    const target: { session?: unknown } = {}
    const handle = {}
    showHandle(target, 'session', handle)
    expect(target.session).toBe(handle)
    expect(await codeOf(() => (target.session = null))).toBe('ERR_PROPERTY_STYLE')
    expect(() => Object.defineProperty(target, 'session', { value: 1 })).toThrow(TypeError)
    expect(target.session).toBe(handle)
  })

  it('may show the same handle twice', () => {
    const target = {}
    const handle = {}
    showHandle(target, 'session', handle)
    showHandle(target, 'session', handle)
    expect(target).toHaveProperty('session', handle)
  })

  it.each([
    ['express-session', { regenerate() {}, cookie: {} }],
    ['cookie-session', { isPopulated: false }],
    ['koa-session', { manuallyCommit() {} }],
    ['an object of class Map', new Map([['secret', 'value']])],
    ['a function', () => {}],
    ["'text'", 'text'],
  ])('names %s when that is there already, and nothing of what it holds', async (name, existing) => {
    const target = { session: existing }
    expect(await codeOf(() => showHandle(target, 'session', {}))).toBe('ERR_ALREADY_MOUNTED')
    expect(() => showHandle(target, 'session', {})).toThrow(name === "'text'" ? 'text' : name)
    expect(() => showHandle(target, 'session', {})).not.toThrow('secret')
  })

  it('names another engine, and what an inherited accessor shows', async () => {
    const other = await createSessions({ store: memoryStore() }).open(nodeExchange({ headers: {}, socket: {} }))
    const target = Object.create({ session: other }) as object
    expect(() => showHandle(target, 'session', {})).toThrow('another Holdfast engine')
  })
})
