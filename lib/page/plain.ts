/** The waiting page without JavaScript: HTML made by the room, which asks for itself again. */
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { GROUP_SEPARATOR } from '../queue/limits.ts'
import { ICON, STYLESHEET } from './build/assets.ts'
import { figureSize } from './words/format.ts'
import { type PlainTexts, plainTexts, refreshText } from './words/plain-texts.ts'
import type { PlainView } from './words/plain-view.ts'

/** Everything that came from outside is escaped (failure mode 41). */
export function plainPage(view: PlainView): HtmlEscapedString | Promise<HtmlEscapedString> {
  const { room, refreshSeconds, message, state } = view
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
<div class="room" data-state="${state.status}">
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
