// Spares the page loads and keeps the panel alive. Without this file everything still works by forms and redirects.

const POLL_INTERVAL = 2000

/** Puts the regions of a fresh page into this one, so that focus, scrolling and the live region stay. */
function adopt(markup) {
  const fresh = new DOMParser().parseFromString(markup, 'text/html')
  const problem = fresh.getElementById('problem')
  if (problem !== null) return showMessage(problem.textContent)

  const focused = document.activeElement?.id
  for (const region of document.querySelectorAll('[data-region]')) {
    const next = fresh.getElementById(region.id)
    if (next !== null) region.replaceChildren(...document.importNode(next, true).childNodes)
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
  begin()
}

function showMessage(text) {
  const message = document.createElement('p')
  message.className = 'flash'
  message.textContent = text
  document.getElementById('messages').replaceChildren(message)
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
  if (target.id !== 'race') return
  target.disabled = true
  const add = () => fetch('/cart/mug', { method: 'POST' })
  await Promise.allSettled(Array.from({ length: 10 }, add))
  await request('/')
})

// The countdowns run on the monotonic clock from what the server said was left.
let countdowns = []

function begin() {
  const now = performance.now()
  countdowns = [...document.querySelectorAll('[data-left]')].map((element) => ({
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
