import { describe, expect, it } from 'vitest'

import { Browser, RawClient, connections } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Answer, type Route, type Visit } from '../frameworks/site.ts'
import { keyOf, onStage } from './stage.ts'

const WRITE_TAKES = 150

interface Way {
  readonly name: string
  readonly method: 'GET' | 'POST' | 'HEAD'
  readonly answer: Answer
}

const WAYS: readonly Way[] = [
  { name: 'redirect', method: 'POST', answer: { type: 'redirect', to: '/there' } },
  { name: 'json', method: 'POST', answer: { type: 'json', value: { saved: true } } },
  { name: 'text', method: 'GET', answer: { type: 'text', value: 'saved' } },
  { name: 'head', method: 'HEAD', answer: { type: 'text', value: 'saved' } },
  { name: 'empty', method: 'POST', answer: { type: 'empty' } },
  { name: 'stream', method: 'GET', answer: { type: 'stream', chunks: ['first ', 'second'] } },
]

const CHANGES: Readonly<Record<string, { readonly verb: string; readonly change: (visit: Visit) => void }>> = {
  begin: { verb: 'create', change: ({ session }) => session.set('n', 1) },
  write: { verb: 'update', change: ({ session }) => session.increment('n') },
  login: { verb: 'renew', change: ({ session }) => session.login('ann') },
  logout: { verb: 'end', change: ({ session }) => session.logout() },
}

const CASES = WAYS.flatMap((way) => Object.entries(CHANGES).map(([name, { verb }]) => ({ ...way, change: name, verb })))

describe.each(FRAMEWORKS)(`the first byte leaves after the store has acknowledged, on $name`, ({ serve }) => {
  const routes = WAYS.flatMap(({ name, method, answer }) =>
    Object.entries(CHANGES).map(([change, { change: apply }]): Route => {
      const handle = (visit: Visit): Answer => {
        apply(visit)
        return answer
      }
      return { method: method === 'HEAD' ? 'GET' : method, path: `/${name}/${change}`, handle }
    }),
  )

  it('whatever is answered, and whatever was changed', async () => {
    await onStage(serve, { routes, engine: { storeDeadline: '10s' } }, async ({ faulty, browser, sites }) => {
      const [site] = sites
      const cookies = await Promise.all(
        CASES.map(async ({ change }) => {
          if (change === 'begin') return undefined
          const user = browser()
          await user.post('/begin')
          return user.cookie
        }),
      )
      faulty.forget()
      faulty.plan = ({ verb }) => (verb === 'load' ? undefined : { type: 'late', by: WRITE_TAKES })

      const served = await Promise.all(
        CASES.map(async ({ name, method, change }, index) => {
          const client = await RawClient.connect(site!.url)
          const cookie = cookies[index]
          client.send(
            `${method} /${name}/${change} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n` +
              `${cookie === undefined ? '' : `Cookie: ${cookie}\r\n`}\r\n`,
          )
          const text = await client.all()
          return { text, firstByteAt: client.firstByteAt! }
        }),
      )

      const early = served.flatMap(({ text, firstByteAt }, index) => {
        const { name, change, verb } = CASES[index]!
        const status = text.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)
        const key = keyOf(cookies[index] ?? /^set-cookie: ([^;]*)/im.exec(text)?.[1] ?? '')
        const acknowledgement = faulty.acknowledgements.find((one) => one.verb === verb && one.key === key)
        const isSaved = acknowledgement !== undefined && acknowledgement.at < firstByteAt
        return isSaved && /^(?:200|204|302)$/.test(status)
          ? []
          : [{ name, change, status, acknowledgement, firstByteAt }]
      })
      expect(early).toEqual([])
    })
  })

  it('so that the page that a redirect leads to finds what was saved', async () => {
    await onStage(serve, { routes, engine: { storeDeadline: '10s' } }, async ({ faulty, sites }) => {
      faulty.plan = ({ verb }) => (verb === 'load' ? undefined : { type: 'late', by: WRITE_TAKES })
      const shared = connections()
      const user = new Browser(sites[0]!.url, shared)
      const answer = await user.post('/redirect/begin')
      expect(answer).toMatchObject({ status: 302, headers: { location: '/there' } })
      expect((await user.get('/state')).json()).toMatchObject({ isNew: false, fields: { n: 1 } })
      shared.close()
    })
  })
})
