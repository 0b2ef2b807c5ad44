/** The waiting page without JavaScript: HTML made by the room, which asks for itself again. */
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { GROUP_SEPARATOR } from '../queue/limits.ts'
import type { Standing } from '../queue/standing.ts'
import type { Status } from '../queue/status.ts'
import { ICON, STYLESHEET } from './assets.ts'
import type { Uninvited } from './facts.ts'
import { figureSize } from './format.ts'
import { type PlainTexts, plainTexts, refreshText } from './plain-texts.ts'

export interface PlainView {
  /** As in the path, with a group's name. */
  readonly room: string
  /** Seconds after which the browser asks again; null for never. */
  readonly refreshSeconds: number | null
  /** The operator's. */
  readonly message: string | null
  readonly standing: PlainStanding
}

type Waiting = Extract<Standing, { status: 'waiting' }>

export type PlainStanding =
  | Exclude<Standing, { status: 'admitted' | 'missed' | 'waiting' }>
  | (Waiting & { readonly binding: Status['binding'] })
  | { status: 'missed'; place?: number }
  /** Every seat is taken, and the next free one is this visitor's. */
  | { status: 'held'; place?: number }
  /** `generalUrl` is the way into the room's own line. */
  | { status: 'uninvited'; problem: Uninvited; generalUrl: string }
  /** `location` is the showroom's address with the pass in it. */
  | { status: 'admitted'; location: string }
  | { status: 'gathering'; opensAtMs: number | null }
  | { status: 'doors-closed'; opensAtMs: number | null }
  /** `retryUrl` is the way to try once more. */
  | { status: 'cookies-needed'; retryUrl: string }
  /** The room is busy: nothing is lost, and the page asks again. */
  | { status: 'try-again' }
  /** `code` is the error's stable one, `message` what it says to people. */
  | { status: 'problem'; code: string; message: string }

/** Everything that came from outside is escaped (failure mode 41). */
export function plainPage(view: PlainView): HtmlEscapedString | Promise<HtmlEscapedString> {
  const { room, refreshSeconds, message, standing } = view
  const { heading, figure, facts, lead, link } = plainTexts(view)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="same-origin">
<meta name="color-scheme" content="light dark">
${refreshSeconds === null ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${heading}</title>
<link rel="icon" href="${ICON}" type="image/svg+xml">
<link rel="stylesheet" href="${STYLESHEET}">
</head>
<body>
<div class="room" data-state="${standing.status}">
<header class="brand">Waiting room <span>${room.replace(GROUP_SEPARATOR, ' · ')}</span></header>
<div class="stage" aria-hidden="true"><div class="doorway"><div class="leaf"></div></div><div class="spill"></div></div>
<main class="words">
<h1>${heading}</h1>
${figure === null ? '' : figureHtml(figure)}
${facts.length === 0 ? '' : factsHtml(facts)}
<div class="lead">${lead.map(text => html`<p>${text}</p>`)}</div>
${link === null ? '' : html`<p><a class="button" href="${link.url}">${link.text}</a></p>`}
${message === null ? '' : html`<aside class="message" aria-labelledby="message-label"><p class="label" id="message-label">From the organiser</p><p>${message}</p></aside>`}
</main>
<footer class="foot"><p>${refreshText(view)}</p></footer>
</div>
</body>
</html>
`
}

function figureHtml({ value, caption }: { value: string; caption: string }) {
  const size = figureSize(value)
  return html`<p class="figure"><span class="value" data-size="${size}">${value}</span> <span class="caption">${caption}</span></p>`
}

function factsHtml(facts: PlainTexts['facts']) {
  return html`<dl class="facts">${facts.map(
    ([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>`
}
