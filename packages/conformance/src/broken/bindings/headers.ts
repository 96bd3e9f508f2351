import { type BrokenBinding, withHeader, withRequestHeader } from './broken-binding.ts'

/** Faults of what is said to the client, and of what is heard of it. */
export const brokenHeaders: readonly BrokenBinding[] = [
  {
    fault: 'drops our Set-Cookie',
    breaks: [
      'a new session sends one cookie with its attributes, which may not be stored',
      'Cache-Control is no-store whatever the handler says',
      'a login replaces the cookie, and the old one stops working',
      'a logout that leaves a message replaces the cookie instead',
      'a token that the client made up is never adopted',
      'an answer brings a new token once the old one is old, and both lead to the session',
      'a client that lost the answer with the new token gets the same one again',
      'NIST 5.2-AAL2: one factor revives a suspended session under a new token, until its absolute end',
      'two logins at once both succeed, and leave the client signed in',
      /^a (?:logout|destroy) clears the cookie/,
      /^a (?:logout|destroy|renewal) is carried out although the handler throws/,
      'with saveOn5xx a handler that throws keeps its changes',
    ],
    make: (sound) => withHeader(sound, 'Set-Cookie', () => {}),
  },
  {
    fault: 'never clears a cookie',
    breaks: [
      'a handler may catch the failure of its own commit, and answer',
      'an answer does not begin before a logout is carried out',
      'NIST 5.2-AAL2: a suspended session may be ended, and its cookie is cleared',
      /^a (?:logout|destroy) clears the cookie/,
    ],
    make: (sound) =>
      withHeader(sound, 'Set-Cookie', (value, _, response) => {
        if (!value.includes('Max-Age=0')) response.appendHeader('Set-Cookie', value)
      }),
  },
  {
    fault: 'drops the cookies of the application',
    breaks: ['the cookies of the application stay beside ours'],
    make: (sound) =>
      withHeader(sound, 'Set-Cookie', (value, _, response) => void response.setHeader('Set-Cookie', value)),
  },
  {
    fault: 'adds its cookie to the one it has set before',
    breaks: ['the cookies of the application stay beside one that an explicit commit has set before'],
    make: (sound) =>
      withHeader(sound, 'Set-Cookie', (value, _, response) => void response.appendHeader('Set-Cookie', value)),
  },
  {
    fault: 'sends the cookie of an explicit commit once more at the end',
    breaks: ['a handler that commits by itself has its answer at once, with one cookie and one write'],
    make: (sound) =>
      withHeader(sound, 'Set-Cookie', (value, _, response) => void response.appendHeader('Set-Cookie', value)),
  },
  {
    fault: 'leaves the Cache-Control of the handler beside our cookie',
    breaks: ['Cache-Control is no-store whatever the handler says'],
    make: (sound) =>
      withHeader(sound, 'Cache-Control', (value, _, response) => {
        if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', value)
      }),
  },
  {
    fault: 'forbids to store every answer that read its session',
    breaks: [
      'an answer without a cookie of ours keeps the Cache-Control of the handler',
      'reading and changing a known session sends no cookie',
      /^a read with a token that is/,
    ],
    make: (sound) => ({
      finish: (sessions, session, visit) => {
        visit.response.setHeader('Cache-Control', 'no-store')
        return sound.finish(sessions, session, visit)
      },
    }),
  },
  {
    fault: 'sends the cookie with every answer, to prolong it',
    breaks: [
      'reading and changing a known session sends no cookie',
      'a touch that is due holds no answer up',
      'a slow request that only reads ends normally after a logout, without a cookie',
      'no answer of a slow request that reads replaces or clears the cookie of a login',
    ],
    make: (sound) => ({
      finish: (sessions, session, visit) => {
        const { cookie } = visit.request.headers
        if (cookie !== undefined) visit.response.appendHeader('Set-Cookie', `${cookie}; Path=/`)
        return sound.finish(sessions, session, visit)
      },
    }),
  },
  {
    fault: 'clears the cookie when its token leads nowhere',
    breaks: [
      /^a read with a token that is/,
      'a malformed token never reaches the store',
      'NIST 5.2-AAL2: a suspended session reads as empty, and its client gets no cookie',
      'an old token that comes back after its grace leads nowhere, and ends the session',
    ],
    make: (sound) => ({
      open: async (sessions, exchange, options) => {
        const session = await sound.open(sessions, exchange, options)
        if (exchange.header('cookie')?.includes('id=') && session.isNew) {
          exchange.appendHeader?.('Set-Cookie', 'id=; Path=/; Max-Age=0')
        }
        return session
      },
    }),
  },
  {
    fault: 'drops Vary',
    breaks: [/^an answer that depends on the session says Vary/],
    make: (sound) => withHeader(sound, 'Vary', () => {}),
  },
  {
    fault: 'replaces the Vary of the handler',
    breaks: ['Vary keeps what the handler says, and names the cookie once'],
    make: (sound) => withHeader(sound, 'Vary', (value, _, response) => void response.setHeader('Vary', value)),
  },
  {
    fault: 'says Vary for every answer that used its session',
    breaks: ['an answer that only wrote does not depend on the cookie'],
    make: (sound) => ({
      finish: (sessions, session, visit) => {
        visit.response.setHeader('Vary', 'Cookie')
        return sound.finish(sessions, session, visit)
      },
    }),
  },
  {
    fault: 'says Vary for every answer',
    breaks: [/^a request with(?:out)? a token whose handler never looks/],
    make: (sound) => ({
      exchange: (request, response, isProxyTrusted) => {
        response.setHeader('Vary', 'Cookie')
        return sound.exchange(request, response, isProxyTrusted)
      },
    }),
  },
  {
    fault: 'repairs what the client sends',
    breaks: ['a malformed token never reaches the store'],
    make: (sound) =>
      withRequestHeader(sound, (name, value) =>
        name === 'cookie'
          ? value?.replace(/id=([^;]*)/, (_, token: string) => `id=${token.padEnd(32, 'A').slice(0, 32)}`)
          : value,
      ),
  },
  {
    fault: 'shows the engine no header but the cookies',
    breaks: ['a header session answers its token in a header, and sets no cookie'],
    make: (sound) => withRequestHeader(sound, (name, value) => (name === 'cookie' ? value : undefined)),
  },
  {
    fault: 'never believes that a connection is secure',
    breaks: [
      'over https the cookie is Secure and has the prefix __Host-',
      'a logout over https clears the cookie with the prefix and the cache of the browser',
    ],
    make: (sound) => ({
      exchange: (request, response, isProxyTrusted) =>
        Object.defineProperty(sound.exchange(request, response, isProxyTrusted), 'secure', { value: false }),
    }),
  },
  {
    fault: 'takes every connection for secure',
    breaks: [
      'a new session sends one cookie with its attributes, which may not be stored',
      'a cookie that only https may carry is withheld over http',
      'Clear-Site-Data is sent neither over http nor by destroy',
    ],
    make: (sound) => ({
      exchange: (request, response, isProxyTrusted) =>
        Object.defineProperty(sound.exchange(request, response, isProxyTrusted), 'secure', { value: true }),
    }),
  },
  {
    fault: 'reads the cookie without its prefix over https too',
    breaks: ['over https only the cookie with the prefix is read'],
    make: (sound) =>
      withRequestHeader(sound, (name, value, { secure }) =>
        name === 'cookie' && secure ? value?.replace(/^id=/, '__Host-id=') : value,
      ),
  },
]
