/** Renders where the user is signed in. */
import type { ListedSession } from '@holdfast/express'

import { html, type Html } from './html.ts'

const MINUTE = 60_000
const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** Nothing where nobody is signed in: the card then stays hidden. */
export function deviceCard(devices: readonly ListedSession[]): Html | undefined {
  if (devices.length === 0) return undefined
  return html`<div class="devices-head">
      <h2>Where you are signed in</h2>
      ${devices.length === 1 ? undefined : endOthersForm()}
    </div>
    <ul class="device-list">
      ${devices.map(deviceLine)}
    </ul>`
}

function deviceLine({ id, agent, address, firstSeenAt, lastSeenAt, isRemembered, isCurrent }: ListedSession): Html {
  const label = agent ?? 'Some program'
  const isPhone = /iOS|Android/.test(label)
  return html`<li class="device">
    <svg class="device-art" aria-hidden="true"><use href="/art.svg#${isPhone ? 'phone' : 'desk'}" /></svg>
    <div>
      <p>
        <strong>${label}</strong> ${isCurrent ? html`<span class="tag here">this one</span>` : undefined}
        ${isRemembered ? html`<span class="tag">stays signed in</span>` : undefined}
      </p>
      <p class="device-facts">
        <span>Last used ${ago(lastSeenAt)}</span> <span>Signed in ${ago(firstSeenAt)}</span>
        <span>${address ?? 'Address not kept'}</span> <code>${id}</code>
      </p>
    </div>
    ${isCurrent ? undefined : endForm(id, label)}
  </li>`
}

/** How long ago an instant was, in the largest unit that fits; the instant itself for who points at it. */
function ago(instant: number): Html {
  const minutes = Math.max(0, Math.floor((Date.now() - instant) / MINUTE))
  const text = new Date(instant).toISOString()
  return html`<time datetime="${text}" title="${text}">${minutesAgo(minutes)}</time>`
}

function minutesAgo(minutes: number): string {
  if (minutes === 0) return 'just now'
  if (minutes < 60) return AGO.format(-minutes, 'minute')
  if (minutes < 24 * 60) return AGO.format(-Math.floor(minutes / 60), 'hour')
  return AGO.format(-Math.floor(minutes / (24 * 60)), 'day')
}

function endForm(id: string, label: string): Html {
  return html`<form method="post" action="/devices/${id}/end">
    <button id="end-${id}" class="button quiet small" aria-label="Sign out ${label}">Sign out</button>
  </form>`
}

function endOthersForm(): Html {
  return html`<form method="post" action="/devices/end-others">
    <button id="end-others" class="button quiet small">Sign out everywhere else</button>
  </form>`
}
