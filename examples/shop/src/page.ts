/** Renders the shop. Every form works without JavaScript; `public/shop.js` only spares the page loads. */
import type { ListedSession } from '@holdfast/express'

import { accountCard } from './account.ts'
import { findProduct, PRODUCTS, type Product } from './catalogue.ts'
import { deviceCard } from './device-list.ts'
import { html, type Html } from './html.ts'
import { sessionPanel, type ShownStore } from './panel.ts'
import type { Problem } from './problem.ts'
import type { SessionView } from './session-view.ts'

const PRICE = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' })

/** The one page of the shop. */
export function shopPage(view: SessionView, devices: readonly ListedSession[], store: ShownStore): Html {
  const { cart, flash, saved } = view
  return layout(
    'Holdfast Chandlery',
    html`<div id="messages" class="messages" role="status" data-region>
        ${flash.map((message) => html`<p class="flash">${message}</p>`)}
      </div>
      <div class="columns">
        <main>
          <section id="account" class="account" aria-label="Account" data-region>${accountCard(view)}</section>
          <h2 class="visually-hidden">Goods</h2>
          <ul class="goods">
            ${PRODUCTS.map(productCard)}
          </ul>
        </main>
        <aside aria-label="Cart and session">
          <section id="cart" class="card cart" aria-labelledby="cart-title" data-region>${cartCard(cart)}</section>
          <section id="panel" class="card panel" aria-labelledby="panel-title" data-region>
            ${sessionPanel(saved, store)}
          </section>
        </aside>
        <section id="devices" class="card devices" aria-label="Devices" data-region>${deviceCard(devices)}</section>
      </div>
      ${expiryWarning()}`,
    html`<a id="cart-link" class="cart-link" href="#cart" data-region>${cartTitle(cart)}</a>`,
  )
}

/** What a browser sees of an error. */
export function errorPage({ status, code, message }: Problem): Html {
  return layout(
    `${status} · Holdfast Chandlery`,
    html`<main class="problem card">
      <p class="problem-status">${status}</p>
      <h2 id="problem">${message}</h2>
      <p><code>${code}</code></p>
      <p><a class="button" href="/">Back to the shop</a></p>
    </main>`,
  )
}

function layout(title: string, content: Html, link?: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/shop.css" />
        <script type="module" src="/shop.js"></script>
      </head>
      <body>
        <header class="masthead">
          <a class="brand" href="/">
            <svg class="brand-mark" aria-hidden="true"><use href="/art.svg#knot" /></svg>
            <h1>Holdfast Chandlery</h1>
          </a>
          <p class="motto">Things that stay where you put them.</p>
          ${link}
        </header>
        ${content}
      </body>
    </html> `
}

/** Stays hidden until `public/shop.js` warns. */
function expiryWarning(): Html {
  return html`<div id="expiry" class="expiry" hidden>
    <p><span id="expiry-text" role="alert"></span> <span id="expiry-left" class="left" aria-hidden="true"></span></p>
    <button id="stay" class="button">Stay signed in</button>
  </div>`
}

function productCard({ sku, name, blurb, price }: Product): Html {
  return html`<li class="card product product-${sku}">
    <svg class="art" aria-hidden="true"><use href="/art.svg#${sku}" /></svg>
    <h3>${name}</h3>
    <p class="blurb">${blurb}</p>
    <form class="buy" method="post" action="/cart/${sku}">
      <span class="price">${PRICE.format(price / 100)}</span>
      <button id="buy-${sku}" class="button" aria-label="Add ${name} to the cart">Add</button>
    </form>
  </li>`
}

function cartTitle({ length }: readonly string[]): Html {
  return html`Cart <span class="count">${length}</span>`
}

function cartCard(cart: readonly string[]): Html {
  const title = html`<h2 id="cart-title">${cartTitle(cart)}</h2>`
  if (cart.length === 0)
    return html`${title}
      <p class="quiet-text">Nothing in it yet. It will keep.</p>`
  const lines = PRODUCTS.flatMap((product) => {
    const pieces = cart.filter((sku) => sku === product.sku).length
    return pieces === 0 ? [] : [cartLine(product, pieces)]
  })
  const total = cart.reduce((sum, sku) => sum + (findProduct(sku)?.price ?? 0), 0)
  return html`${title}
    <ul class="lines">
      ${lines}
    </ul>
    <p class="total"><span>Total</span> <strong>${PRICE.format(total / 100)}</strong></p>`
}

function cartLine({ sku, name, price }: Product, pieces: number): Html {
  return html`<li class="line">
    <span class="line-name">${name}</span>
    <span class="stepper">
      <form method="post" action="/cart/${sku}/remove">
        <button id="less-${sku}" aria-label="Remove one ${name}">−</button>
      </form>
      <span>${pieces}</span>
      <form method="post" action="/cart/${sku}">
        <button id="more-${sku}" aria-label="Add one more ${name}">+</button>
      </form>
    </span>
    <span class="line-price">${PRICE.format((price * pieces) / 100)}</span>
  </li>`
}
