/**
 * The pages of the demonstration showroom: they work without JavaScript, and load nothing but the
 * gate's own script, which says when their visitor has left.
 */
import { html } from 'hono/html'

/** What the pages may do: show themselves, and send forms and goodbyes to their own shop. */
export const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

type Html = ReturnType<typeof html>

export function saleroom(facts: {
  left: number
  stock: number
  ticketId: string | undefined
  minutesLeft: number | undefined
}): Html {
  const { left, stock, ticketId, minutesLeft } = facts
  return page(
    'The showroom',
    html`${car}
      <h1>You are in the showroom</h1>
      <p class="left"><strong>${left}</strong> of ${stock} ${stock === 1 ? 'car' : 'cars'} left</p>
      <meter min="0" max="${stock}" value="${left}" aria-label="Cars left">${left} of ${stock}</meter>
      <p>Small, electric, blue. One car to each ticket.</p>
      <form method="post" action="/buy">
        <button type="submit">Buy this car</button>
      </form>
      ${ticketId && html`<p class="note">Your ticket is ${ticketId}.</p>`}
      ${minutesLeft && html`<p class="note">You may stay ${minutes(minutesLeft)} more.</p>`}`,
  )
}

export function thankYou(facts: { car: number; stock: number; ticketId: string }): Html {
  return page(
    'Thank you',
    html`${car}
      <h1>Thank you, it is yours</h1>
      <p>Car number <strong>${facts.car}</strong> of ${facts.stock} is kept for ticket ${facts.ticketId}.</p>
      <p class="note">One car to each ticket: you need not do anything more.</p>`,
  )
}

export function soldOut(): Html {
  return page(
    'Sold out',
    html`<h1>All cars are sold</h1>
      <p>The last one has just gone. Thank you for waiting, and for coming.</p>`,
  )
}

export function foreignForm(): Html {
  return page(
    'Not bought',
    html`<h1>Nothing was bought</h1>
      <p>This order was sent from another site. <a href="/">Look at the cars here</a>.</p>`,
  )
}

export function noTicket(): Html {
  return page(
    'Not bought',
    html`<h1>Nothing was bought</h1>
      <p>The gate is open, so nobody here has a ticket, and each ticket buys one car.</p>`,
  )
}

export function notFound(): Html {
  return page('Not found', html`<h1>There is no such page</h1><p><a href="/">To the cars</a></p>`)
}

function minutes(count: number): string {
  return count === 1 ? '1 minute' : `${count} minutes`
}

const car = html`<svg viewBox="0 0 240 96" role="img" aria-label="A small blue car">
  <path d="M14 66c0-14 6-20 22-23l22-4c12-16 24-24 52-24 32 0 44 8 58 25l34 5c16 3 22 9 22 21v6H14z" fill="#2f6fd6"/>
  <path d="M70 40c9-11 18-15 34-15v15zm42-15c20 0 30 4 40 15h-40z" fill="#d9e8ff"/>
  <circle cx="62" cy="72" r="17" fill="#20242b"/><circle cx="62" cy="72" r="7" fill="#c9ced6"/>
  <circle cx="178" cy="72" r="17" fill="#20242b"/><circle cx="178" cy="72" r="7" fill="#c9ced6"/>
</svg>`

function page(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · small cars</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --ink: #1b2330; --paper: #f6f7fa; --card: #fff; --soft: #566074; --act: #1f4fa3 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9edf4; --paper: #12161d; --card: #1b212b; --soft: #a3adbf; --act: #2f63bf }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif }
main { width: min(34rem, 100%); padding: 2rem; border-radius: 1rem; background: var(--card);
  box-shadow: 0 8px 40px #0002; text-align: center }
svg { width: min(15rem, 80%); height: auto }
h1 { margin: .5rem 0; font-size: 1.75rem; line-height: 1.2 }
.left strong { font-size: 1.5em; font-variant-numeric: tabular-nums }
meter { width: 100%; height: 1rem }
button { margin-top: .5rem; padding: .8rem 2rem; border: 0; border-radius: .6rem; background: var(--act);
  color: #fff; font: inherit; font-weight: 600; cursor: pointer }
button:focus-visible, a:focus-visible { outline: 3px solid #e8a33d; outline-offset: 3px }
a { color: inherit }
.note { margin: .75rem 0 0; color: var(--soft); font-size: .9375rem }
</style>
<script src="/antichambre/left.js" async></script>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`
}
