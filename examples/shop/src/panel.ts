/** Renders the panel that shows what the session is doing. */
import type { StoreEvent } from './activity.ts'
import { clockTime } from './ending.ts'
import { html, type Html } from './html.ts'
import type { SavedSession } from './session-view.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The engine's defaults, by which the bars are scaled: an ordinary session, and one that stays signed in. */
const ORDINARY = { idle: 30 * MINUTE, absolute: 8 * HOUR }
const REMEMBERED = { idle: 14 * DAY, absolute: 30 * DAY }

/** What the panel shows of the store. */
export interface ShownStore {
  readonly label: string
  readonly calls: readonly StoreEvent[]
}

export function sessionPanel(saved: SavedSession | undefined, { label, calls }: ShownStore): Html {
  return html`<h2 id="panel-title">Your session</h2>
    ${saved === undefined ? unsaved() : facts(saved)}
    <h3>
      Last store calls <small>of this process to <span id="store">${label}</span></small>
    </h3>
    <ol id="calls" class="calls">
      ${calls.map(callLine)}
    </ol>
    ${saved === undefined ? undefined : raceButton()}`
}

function unsaved(): Html {
  return html`<p class="quiet-text">
    There is none yet: no record in the store, no cookie in your browser. It begins when there is something to keep.
  </p>`
}

function facts({ id, revision, createdAt, expiresAt, absoluteExpiresAt }: SavedSession): Html {
  const now = Date.now()
  const idleLeft = Math.max(0, expiresAt - now)
  const absoluteLeft = Math.max(0, absoluteExpiresAt - now)
  const scale = absoluteLeft > ORDINARY.absolute ? REMEMBERED : ORDINARY
  return html`<dl class="facts">
      <div>
        <dt>Id</dt>
        <dd><code>${id}</code></dd>
      </div>
      <div>
        <dt>Created</dt>
        <dd>${clockTime(createdAt)}</dd>
      </div>
      <div>
        <dt>Revision</dt>
        <dd class="revision">${revision}</dd>
      </div>
    </dl>
    ${countdown('idle', 'Ends if left idle', idleLeft, scale.idle)}
    ${countdown('absolute', 'Ends at the latest', absoluteLeft, scale.absolute)}`
}

function countdown(clock: 'idle' | 'absolute', label: string, left: number, span: number): Html {
  return html`<div class="countdown" data-clock="${clock}" data-left="${left}">
    <span>${label}</span> <span class="left">${timeLeft(left)}</span>
    <progress max="${span}" value="${left}" aria-label="${label}"></progress>
  </div>`
}

function callLine({ verb, outcome, duration }: StoreEvent): Html {
  return html`<li>
    <span class="verb">${verb}</span> <span class="outcome">${outcome}</span>
    <span class="duration">${duration.toFixed(2)} ms</span>
  </li> `
}

function raceButton(): Html {
  return html`<div class="race" data-needs-script hidden>
    <button id="race" class="button quiet">Add ten mugs at once</button>
    <p class="quiet-text">Ten requests, one session, nothing lost.</p>
  </div>`
}

/** The same text as `timeLeft` in `public/shop.js`, which takes over once a second. */
function timeLeft(left: number): string {
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
