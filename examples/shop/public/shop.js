// Spares the page loads and keeps the panel alive. Without this file everything still works by forms and redirects.
import { watchSession } from '/client/index.js'

const POLL_INTERVAL = 2000
const WARN_BEFORE = 60_000

const expiry = document.getElementById('expiry')

/** Puts the regions of a fresh page into this one, so that focus, scrolling and the live region stay. */
function adopt(markup) {
  const fresh = new DOMParser().parseFromString(markup, 'text/html')
  const problem = fresh.getElementById('problem')
  if (problem !== null) {
    showMessage(problem.textContent)
    // It may come from an end that this page has not heard of.
    return void watch?.check()
  }

  const focused = document.activeElement?.id
  const wasSignedIn = isSignedIn()
  for (const region of document.querySelectorAll('[data-region]')) {
    const next = fresh.getElementById(region.id)
    if (next !== null) region.replaceChildren(...document.importNode(next, true).childNodes)
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
  begin()
  // The watch sees page loads by itself, but there was none.
  if (isSignedIn() !== wasSignedIn) void watch?.check()
}

function isSignedIn() {
  return document.getElementById('sign-out') !== null
}

function showMessage(text) {
  const message = document.createElement('p')
  message.className = 'flash'
  message.textContent = text
  document.getElementById('messages')?.replaceChildren(message)
}

async function request(url, init) {
  try {
    const answer = await fetch(url, { headers: { accept: 'text/html' }, ...init })
    adopt(await answer.text())
  } catch {
    showMessage('The shop does not answer. Please try again.')
  }
}

document.addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.target
  void request(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, event.submitter)) })
})

document.addEventListener('click', async ({ target }) => {
  if (target.id === 'stay') return watch?.keepAlive()
  if (target.id !== 'race') return
  target.disabled = true
  const add = () => fetch('/cart/mug', { method: 'POST' })
  await Promise.allSettled(Array.from({ length: 10 }, add))
  await request('/')
})

// The countdowns run on the monotonic clock from what the server said was left.
let countdowns = []
let warnedUntil = 0

function begin() {
  const now = performance.now()
  countdowns = [...document.querySelectorAll('[data-left]')].map((element) => ({
    clock: element.dataset.clock,
    text: element.querySelector('.left'),
    bar: element.querySelector('progress'),
    endsAt: now + Number(element.dataset.left),
  }))
  for (const element of document.querySelectorAll('[data-needs-script]')) element.hidden = false
}

function tick() {
  for (const { text, bar, endsAt } of countdowns) {
    const left = Math.max(0, endsAt - performance.now())
    text.textContent = timeLeft(left)
    bar.value = left
  }
  if (expiry?.hidden === false) {
    document.getElementById('expiry-left').textContent = timeLeft(Math.max(0, warnedUntil - performance.now()))
  }
}

/** What another tab or a keep-alive has changed shows here too. */
function correct({ expiresIn, absoluteExpiresIn }) {
  const left = { idle: expiresIn ?? 0, absolute: absoluteExpiresIn ?? 0 }
  for (const countdown of countdowns) countdown.endsAt = performance.now() + left[countdown.clock]
  warnedUntil = performance.now() + left.idle
  tick()
}

function timeLeft(left) {
  const seconds = Math.floor(left / 1000)
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  if (days > 0) return `${days} d ${hours} h`
  const tail = [minutes, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':')
  return hours > 0 ? `${hours}:${tail}` : tail
}

function warn({ canExtend }) {
  document.getElementById('expiry-text').textContent = canExtend
    ? 'Are you still there? You will be signed out in'
    : 'You have been here as long as one may. Sign in again in'
  document.getElementById('stay').hidden = !canExtend
  expiry.hidden = false
}

function calmDown() {
  expiry.hidden = true
  // Somebody else may have signed in meanwhile, in another tab.
  if (!isSignedIn()) void request('/')
}

function end() {
  expiry.hidden = true
  // The fresh page says why. Where this one was first, it says so already.
  if (isSignedIn()) void request('/')
}

/** Other requests of the process show too. This URL stands before the sessions, so that asking costs no store call. */
async function poll() {
  if (document.hidden) return
  const answer = await fetch('/api/activity').catch(() => undefined)
  if (answer?.ok !== true) return
  const { calls } = await answer.json()
  document.getElementById('calls')?.replaceChildren(...calls.map(callLine))
}

function callLine({ verb, outcome, duration }) {
  const line = document.createElement('li')
  for (const [name, text] of Object.entries({ verb, outcome, duration: `${duration.toFixed(2)} ms` })) {
    const part = document.createElement('span')
    part.className = name
    part.textContent = text
    line.append(part, ' ')
  }
  return line
}

begin()
setInterval(tick, 1000)
setInterval(poll, POLL_INTERVAL)

// A page that tells of a problem has no session to watch.
const watch =
  expiry === null
    ? undefined
    : watchSession({
        statusUrl: '/session',
        warnBefore: WARN_BEFORE,
        onWarning: warn,
        onResume: calmDown,
        onEnd: end,
        onStatus: correct,
      })
