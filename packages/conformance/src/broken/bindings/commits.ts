import { GoneError } from '@holdfast/core'

import type { BrokenBinding } from './broken-binding.ts'

/** Faults of when a commit happens, and of what follows a failed one. */
export const brokenCommits: readonly BrokenBinding[] = [
  {
    fault: 'answers before the commit',
    breaks: [/^an answer .*does not begin before/],
    make: (sound) => ({
      finish: (sessions, session, visit) => {
        sound.finish(sessions, session, visit)?.catch(() => {})
        return undefined
      },
    }),
  },
  {
    fault: 'sends the headers before the commit, and only the body after it',
    breaks: [/^an answer .*does not begin before/],
    make: () => ({
      gate: (response, control) => ({
        arm: () => {
          const end = response.end.bind(response)
          response.end = (...values: unknown[]) => {
            const waiting = control.finish(response.statusCode)
            if (waiting !== undefined) response.flushHeaders()
            const resume = (): unknown => Reflect.apply(end, response, values)
            if (waiting === undefined) resume()
            else waiting.then(resume, resume)
            return response
          }
        },
      }),
    }),
  },
  {
    fault: 'swallows the error of the commit',
    breaks: [
      /^when the (?:store|session|changes)/,
      'a session that could not be created leaves no cookie',
      'a slow request that writes after a logout gets ERR_GONE, and revives nothing',
      'a slow request that writes after a login gets ERR_GONE, and leaves the new cookie alone',
      "with load: 'lazy' a failed load of a change is answered like a failed commit",
    ],
    make: (sound) => ({
      finish: (sessions, session, visit) => sound.finish(sessions, session, visit)?.catch(() => {}),
    }),
  },
  {
    fault: 'tells the framework of the error, and sends the answer of the handler all the same',
    breaks: [/^when the store throws, .* \((?:text|json|stream)\)$/],
    make: (sound) => ({
      gate: (response, control) =>
        sound.gate(response, {
          fail: control.fail,
          finish: (status) => control.finish(status)?.catch(control.fail),
        }),
      fail: () => {},
    }),
  },
  {
    fault: 'tries a failed commit again',
    breaks: [/^when the store (?:throws|hangs)/],
    make: (sound) => ({
      finish: (sessions, session, visit) => sound.finish(sessions, session, visit)?.catch(() => session.commit()),
    }),
  },
  {
    fault: 'keeps the headers of the handler when the commit fails',
    breaks: [
      /^when the (?:store|session|changes)/,
      'a cookie that an explicit commit has set is taken back too when the last commit fails',
    ],
    make: (sound) => ({
      gate: (response, control) => {
        let headers: ReturnType<typeof response.getHeaders> = {}
        return sound.gate(response, {
          finish: (status) => {
            headers = response.getHeaders()
            return control.finish(status)
          },
          fail: (error) => {
            for (const [name, value] of Object.entries(headers)) response.setHeader(name, value!)
            control.fail(error)
          },
        })
      },
    }),
  },
  {
    fault: 'answers every failed commit with 500',
    breaks: [
      /^when the (?:store|session|changes)/,
      'NIST 5.2-AAL2: a change of a suspended session is answered by 401 with ERR_SUSPENDED, and changes nothing',
    ],
    make: () => ({
      fail: (response) => {
        response.statusCode = 500
        response.end()
      },
    }),
  },
  {
    fault: 'gives up the connection when a commit fails',
    breaks: ['the connection goes on after a failed commit'],
    make: (sound) => ({
      fail: (response, error) => {
        response.setHeader('Connection', 'close')
        sound.fail(response, error)
      },
    }),
  },
  {
    fault: 'lets a stream that is not sent go on',
    breaks: ['the stream of an answer that is not sent is destroyed'],
    make: (sound) => ({
      answer: (response, answer) => {
        if (answer.type !== 'stream') return sound.answer(response, answer)
        answer.body.on('data', (chunk: Buffer) => response.write(chunk)).on('end', () => response.end())
      },
    }),
  },
  {
    fault: 'lets the session be changed while the answer is already under way',
    breaks: ['a change after the first byte of a stream throws ERR_RESPONSE_STARTED'],
    make: (sound) => ({
      exchange: (request, response, isProxyTrusted) =>
        Object.defineProperty(sound.exchange(request, response, isProxyTrusted), 'started', { value: false }),
      finish: (_, session) => session.commit(),
    }),
  },
  {
    fault: 'commits only one of the requests that a client has under way',
    breaks: [/requests at once keep all their changes/],
    make: (sound) => {
      const underWay = new Set<string>()
      return {
        finish: (sessions, session, visit) => {
          const { cookie = '' } = visit.request.headers
          if (underWay.has(cookie)) return undefined
          underWay.add(cookie)
          return sound.finish(sessions, session, visit)?.finally(() => underWay.delete(cookie))
        },
      }
    },
  },
  {
    fault: 'refuses every request whose session has ended meanwhile',
    breaks: [
      'a slow request that only reads ends normally after a logout, without a cookie',
      'no answer of a slow request that reads replaces or clears the cookie of a login',
      'two logins at once both succeed, and leave the client signed in',
      'of two logouts at once both succeed',
    ],
    make: (sound) => ({
      finish: async (sessions, session, visit) => {
        const { headers } = visit.request
        const now = await sessions.open({ secure: false, header: (name) => String(headers[name] ?? '') })
        if (headers.cookie !== undefined && now.isNew) throw new GoneError('ERR_GONE', 'The session has ended.')
        return sound.finish(sessions, session, visit)
      },
    }),
  },
  {
    fault: 'does not commit when the client has gone away',
    breaks: [/^when the client goes away (?:during the handler|.*a logout)/],
    make: (sound) => ({
      finish: (sessions, session, visit) =>
        visit.response.destroyed ? undefined : sound.finish(sessions, session, visit),
    }),
  },
  {
    fault: 'reports a client that went away during the commit as an error',
    breaks: ['when the client goes away during the commit, the commit is carried out'],
    make: (sound) => ({
      gate: (response, control) =>
        sound.gate(response, {
          fail: control.fail,
          finish: (status) => {
            response.once('close', () => {
              if (!response.writableFinished) control.fail(new Error('The client has gone away.'))
            })
            return control.finish(status)
          },
        }),
    }),
  },
  {
    fault: 'closes the connection after every held answer',
    breaks: ['a connection carries one held answer after another, of every kind'],
    make: (sound) => ({
      finish: (sessions, session, visit) => {
        visit.response.setHeader('Connection', 'close')
        return sound.finish(sessions, session, visit)
      },
    }),
  },
]
