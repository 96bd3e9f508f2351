/** What is asked of every contender. */
import type { FieldsSize } from '../contenders/session-fields.ts'

export type ScenarioName =
  | 'none'
  | 'read350'
  | 'read4k'
  | 'write350'
  | 'write4k'
  | 'read50k'
  | 'login'
  | 'logout'
  | 'burst'

/** One request, as text. The cookie is that of a session, or `undefined`. */
export interface Shot {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly cookie: string | undefined
}

export interface Scenario {
  readonly name: ScenarioName
  readonly title: string
  /** How many sessions have to be there first. `'each'`: one for every request. */
  readonly sessions: number | 'each'
  readonly size: FieldsSize
  /** Connections that are open at once. */
  readonly connections: number
  /**
   * Whether an untimed load of the same length goes before each timed one. Copies in a cache live for seconds, and what
   * is measured is how they are found among many, not how they are renewed.
   */
  readonly isRehearsed: boolean
  /** Whether each request can be sent only once, so that loads are bounded by their number. */
  readonly isSpent: boolean
  /** The requests of one load, in turn; `count` matters only where they are spent. */
  shots(cookies: readonly string[], count: number): readonly Shot[]
}

/** Sessions in turn, twice as many as connections, so that no two requests of one session overlap by chance. */
const IN_TURN = 64
const CONNECTIONS = 32

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'none',
    title: 'no session cookie, the session is not looked at',
    sessions: 0,
    size: '350',
    connections: CONNECTIONS,
    isRehearsed: false,
    isSpent: false,
    shots: () => [{ method: 'GET', path: '/none', cookie: undefined }],
  },
  reading('read350', 'a read of a session of 350 B', IN_TURN, '350'),
  reading('read4k', 'a read of a session of 4 KB', IN_TURN, '4k'),
  writing('write350', 'a change of one field of a session of 350 B', '350'),
  writing('write4k', 'a change of one field of a session of 4 KB', '4k'),
  reading('read50k', 'a read of one of 50,000 sessions of 350 B, in turn', 50_000, '350'),
  {
    name: 'login',
    title: 'a login that begins a session of 350 B',
    sessions: 0,
    size: '350',
    connections: CONNECTIONS,
    isRehearsed: false,
    isSpent: true,
    shots: (_cookies, count) => Array.from({ length: count }, () => ({ ...loginOf('350'), cookie: undefined })),
  },
  {
    name: 'logout',
    title: 'a logout',
    sessions: 'each',
    size: '350',
    connections: CONNECTIONS,
    isRehearsed: false,
    isSpent: true,
    shots: (cookies) => cookies.map((cookie) => ({ method: 'POST', path: '/logout', cookie })),
  },
  {
    name: 'burst',
    title: 'ten requests of one session at once, two of them changing it',
    sessions: 1,
    size: '350',
    connections: 10,
    isRehearsed: false,
    isSpent: false,
    shots: ([cookie]) =>
      Array.from({ length: 10 }, (_, index) =>
        index % 5 === 4 ? { method: 'POST', path: '/write', cookie } : { method: 'GET', path: '/read', cookie },
      ),
  },
]

/** Answers the scenario of that name. */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((one) => one.name === name)
  if (found === undefined) {
    throw new Error(`There is no scenario "${name}". There are: ${SCENARIOS.map((one) => one.name).join(', ')}.`)
  }
  return found
}

let users = 0

/** A login of somebody new. */
export function loginOf(size: FieldsSize): { method: 'POST'; path: string; user: string } {
  const user = `user-${100_000 + users++}`
  return { method: 'POST', path: `/login/${user}/${size}`, user }
}

function reading(name: ScenarioName, title: string, sessions: number, size: FieldsSize): Scenario {
  const shots = (cookies: readonly string[]): Shot[] =>
    cookies.map((cookie) => ({ method: 'GET', path: '/read', cookie }))
  const isRehearsed = sessions > IN_TURN
  return { name, title, sessions, size, connections: CONNECTIONS, isRehearsed, isSpent: false, shots }
}

function writing(name: ScenarioName, title: string, size: FieldsSize): Scenario {
  const shots = (cookies: readonly string[]): Shot[] =>
    cookies.map((cookie) => ({ method: 'POST', path: '/write', cookie }))
  return { name, title, sessions: IN_TURN, size, connections: CONNECTIONS, isRehearsed: false, isSpent: false, shots }
}
