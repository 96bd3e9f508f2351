import { type SessionStatus, watchSession } from '@holdfast/client'

const watch = watchSession({
  statusUrl: '/session',
  fetch,
  onWarning: ({ left, canExtend }) => {
    const seconds: number = left / 1000
    const isFinal: boolean = !canExtend
    console.log(seconds, isFinal)
  },
  onStatus: (status: SessionStatus) => {
    const isOver: boolean = status.expiresIn === null
    console.log(isOver)
  },
  onEnd: (ending) => {
    const reason: string | undefined = ending?.reason
    console.log(reason)
  },
})
const asked: Promise<unknown> = watch.check()
void asked.then(watch.stop)

// @ts-expect-error -- the address is missing
watchSession({})
// @ts-expect-error -- lengths are numbers
watchSession({ statusUrl: '/session', warnBefore: '1m' })
