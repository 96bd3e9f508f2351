/** Renders who is signed in, or who might. */
import { type DemoUser, USERS } from './catalogue.ts'
import { endedNotice } from './ending.ts'
import { html, type Html } from './html.ts'
import type { SessionView } from './session-view.ts'

export function accountCard({ user, ended }: SessionView): Html {
  if (user !== undefined) return signedIn(user)
  return html`${ended === undefined ? undefined : endedNotice(ended)} ${signInForm()}`
}

function signInForm(): Html {
  return html`<form class="sign-in" method="post" action="/login">
    <h2>Who is shopping?</h2>
    <div class="users">
      ${USERS.map(
        ({ id, name, role }) =>
          html`<button class="user" name="user" value="${id}">
            ${avatar(name)}
            <span><strong>${name}</strong><small>${role}</small></span>
          </button>`,
      )}
    </div>
    <label class="remember"><input type="checkbox" name="remember" /> Stay signed in on this device</label>
  </form>`
}

function signedIn({ name, role }: DemoUser): Html {
  return html`<div class="signed-in">
    ${avatar(name)}
    <p><strong>${name}</strong><small>${role}</small></p>
    <form method="post" action="/logout"><button id="sign-out" class="button quiet">Sign out</button></form>
  </div>`
}

function avatar(name: string): Html {
  return html`<span class="avatar" aria-hidden="true">${name.slice(0, 1)}</span>`
}
