/** Renders where the user is signed in. */
import type { ListedSession } from '@holdfast/express'

import { clockTime } from './ending.ts'
import { html, type Html } from './html.ts'

/** Nothing where nobody is signed in: the card then stays hidden. */
export function deviceCard(devices: readonly ListedSession[]): Html | undefined {
  if (devices.length === 0) return undefined
  return html`<h2 id="devices-title">Where you are signed in</h2>
    <ul class="device-list">
      ${devices.map(deviceLine)}
    </ul>
    ${devices.length === 1 ? undefined : endOthersForm()}`
}

function deviceLine({ id, agent, address, firstSeenAt, lastSeenAt, isRemembered, isCurrent }: ListedSession): Html {
  const label = agent ?? 'Some program'
  return html`<li class="device">
    <p>
      <strong>${label}</strong> ${isCurrent ? html`<span class="here">this one</span>` : undefined}
      <small>${address ?? 'Address not kept'}${isRemembered ? ' · stays signed in' : ''}</small>
      <small>Since ${clockTime(firstSeenAt)}, last used ${clockTime(lastSeenAt)}</small>
      <small><code>${id}</code></small>
    </p>
    ${isCurrent ? undefined : endForm(id, label)}
  </li>`
}

function endForm(id: string, label: string): Html {
  return html`<form method="post" action="/devices/${id}/end">
    <button id="end-${id}" class="button quiet" aria-label="Sign out ${label}">End</button>
  </form>`
}

function endOthersForm(): Html {
  return html`<form method="post" action="/devices/end-others">
    <button id="end-others" class="button quiet">Sign out everywhere else</button>
  </form>`
}
