import type { ListenerOptions, Page } from './page.ts'
import type { SessionStatus } from './session-status.ts'
import type { SessionWatch, WatchOptions } from './watch-options.ts'

/** What somebody who is there does. Moving the pointer is no sign: a table that shakes does that too. */
const ACTIVITY = ['pointerdown', 'keydown', 'wheel', 'visibilitychange']
/** Also what a handler keeps to itself. */
const LISTENING: ListenerOptions = { capture: true, passive: true }
const SECOND = 1000
/** How long an answer may take, and how long to wait when there was none. */
const PATIENCE = 10 * SECOND
/** A timer that is set for longer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Watches the session of this page while somebody is signed in.
 *
 * - It warns before the end, after a look whether the session was used elsewhere meanwhile.
 * - Real activity of the user keeps the session alive, at most once in `keepAliveEvery`; the page alone never does.
 * - Tabs of one `statusUrl` tell each other: one of them signs out, and all have ended; one is used, and none warns.
 * - An end is told only when the server has said so. A server that does not answer is asked again every ten seconds.
 *
 * A page that opens signed out makes one request and then rests, until another tab or `check()` finds somebody signed in.
 *
 * @example
 * ```ts
 * import { watchSession } from '@holdfast/client'
 *
 * const watch = watchSession({
 *   statusUrl: '/session',
 *   onWarning: ({ left }) => console.log(`You will be signed out in ${Math.round(left / 1000)} s.`),
 *   onResume: () => console.log('You are still signed in.'),
 *   onEnd: (ending) => console.log(`Signed out: ${ending?.reason ?? 'in another tab'}.`),
 * })
 * watch.stop()
 * ```
 */
export function watchSession(options: WatchOptions): SessionWatch {
  return watchOn(globalThis as unknown as Page, options)
}

/** Watches the session of any page. For tests, which have none. */
export function watchOn(page: Page, options: WatchOptions): SessionWatch {
  const { statusUrl, keepAliveUrl = statusUrl, warnBefore = 60 * SECOND, keepAliveEvery = 60 * SECOND } = options
  const { checkEvery = 300 * SECOND, onWarning, onResume, onEnd, onStatus } = options
  const send = options.fetch ?? page.fetch.bind(page)
  const { document, BroadcastChannel } = page
  const channel = BroadcastChannel && new BroadcastChannel(`holdfast ${statusUrl}`)

  /** Unknown until the first answer. */
  let isLive: boolean | undefined
  let isWarned = false
  let isStopped = false
  let canExtend = false
  // Instants are those of the wall clock, which goes on while the machine sleeps. A wrong one costs a request, no more.
  let endsAt = 0
  let quietUntil = 0
  let asked = 0
  let answered = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(isUse: boolean): Promise<SessionStatus | undefined> {
    const turn = ++asked
    quietUntil = Date.now() + PATIENCE
    const status = await request(isUse)
    // An answer that was overtaken by a later one knows less.
    if (isStopped || turn < answered) return status
    if (status === undefined) {
      if (isLive !== false) settle(PATIENCE)
      return undefined
    }
    answered = turn
    const isNews = isUse || isLive !== status.isSignedIn
    if (isNews) channel?.postMessage([status, isUse])
    take(status, isUse)
    return status
  }

  async function request(isUse: boolean): Promise<SessionStatus | undefined> {
    try {
      const answer = await send(isUse ? keepAliveUrl : statusUrl, {
        method: isUse ? 'POST' : 'GET',
        cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE),
      })
      const status = (await answer.json()) as SessionStatus
      return answer.ok && typeof status.isSignedIn === 'boolean' ? status : undefined
    } catch {
      return undefined
    }
  }

  function take(status: SessionStatus, isUse: boolean): void {
    const { isSignedIn, expiresIn, absoluteExpiresIn } = status
    const wasLive = isLive
    const left = expiresIn ?? 0
    isLive = isSignedIn
    if (isSignedIn) {
      endsAt = Date.now() + left
      canExtend = left < (absoluteExpiresIn ?? 0)
      if (isUse || !canExtend) quietUntil = Date.now() + Math.min(keepAliveEvery, left / 4)
      if (wasLive === false) onResume?.()
      settle(SECOND)
    } else {
      clearTimeout(timer)
      isWarned = false
      if (wasLive) onEnd?.(status.endedBecause)
    }
    onStatus?.(status)
  }

  /** Warns or takes the warning back, and comes again when there is something to ask. */
  function settle(soonest: number): void {
    const left = endsAt - Date.now()
    const wasWarned = isWarned
    isWarned = isLive === true && left <= warnBefore
    const due = isWarned ? left : left - warnBefore
    clearTimeout(timer)
    timer = setTimeout(wake, Math.max(soonest, Math.min(due, checkEvery, LONGEST_TIMER)))
    if (isWarned && !wasWarned) {
      quietUntil = 0
      onWarning?.({ left, canExtend })
    } else if (wasWarned && !isWarned) onResume?.()
  }

  function wake(): void {
    const due = isWarned ? endsAt : endsAt - warnBefore
    if (document.hidden && Date.now() < due) settle(SECOND)
    else void ask(false)
  }

  function noticeActivity({ isTrusted }: { readonly isTrusted: boolean }): void {
    // Where nothing can be put off, a look after a sleep of the machine is still due.
    if (isLive && isTrusted && !document.hidden && Date.now() >= quietUntil) void ask(canExtend)
  }

  if (channel) {
    channel.onmessage = ({ data }) => {
      const [status, isUse] = data as [SessionStatus, boolean]
      if (isStopped || isLive === undefined) return
      // Who is right, the server knows.
      if (status.isSignedIn !== isLive) void ask(false)
      else if (isLive) take(status, isUse)
    }
  }
  for (const type of ACTIVITY) document.addEventListener(type, noticeActivity, LISTENING)
  void ask(false)

  return {
    check: () => ask(false),
    keepAlive: () => ask(true),
    stop: () => {
      isStopped = true
      clearTimeout(timer)
      channel?.close()
      for (const type of ACTIVITY) document.removeEventListener(type, noticeActivity, LISTENING)
    },
  }
}
