/** Puts a view on the page. Text goes in as text, never as HTML (failure mode 41). */
import { GROUP_SEPARATOR } from '../../queue/limits.ts'
import type { Proof, View } from '../machine/view.ts'
import { figureSize } from '../words/format.ts'
import type { Texts } from '../words/text.ts'
import { noticeText, PROOF_TEXTS } from '../words/texts.ts'

export interface Screen {
  show(view: View, texts: Texts): void
  onPress(listener: () => void): void
}

/** @param base the room's path. @param room its name in it, with a group's. @param plainUrl the way without JavaScript. */
export function createScreen(base: string, room: string, plainUrl: string): Screen {
  const root = byId('room')
  const action = byId('action')
  setText('room-name', room.replace(GROUP_SEPARATOR, ' · '))
  byId('plain').setAttribute('href', plainUrl)

  return {
    onPress(listener) {
      action.addEventListener('click', listener)
    },
    show(view, texts) {
      if (document.title !== texts.title) document.title = texts.title
      if (root.dataset.state !== view.state) root.dataset.state = view.state
      showText('notice', view.notice === null ? null : noticeText(view.notice))
      byId('message').hidden = view.message === null
      setText('message-text', view.message ?? '')
      showText('action', texts.action)
      setText('heading', texts.heading)
      showFigure(texts)
      showProgress(root, 'progress' in view ? view.progress : null)
      showFacts(texts)
      showLead(texts)
      showProof(view.proof, base)
      setText('announcement', texts.announcement)
      setText('remark', texts.remark)
    },
  }
}

function showFigure({ figure }: Texts): void {
  byId('figure').hidden = figure === null
  if (figure === null) return
  setText('value', figure.value)
  setText('caption', figure.caption)
  byId('value').dataset.size = figureSize(figure.value)
}

function showProgress(root: HTMLElement, progress: number | null): void {
  const bar = byId('progress')
  bar.hidden = progress === null
  if (progress === null) {
    root.style.removeProperty('--progress')
    root.style.removeProperty('--ajar')
    return
  }
  const percent = String(Math.round(progress * 100))
  if (bar.getAttribute('aria-valuenow') !== percent) bar.setAttribute('aria-valuenow', percent)
  root.style.setProperty('--progress', progress.toFixed(4))
  // The picture's door opens wider, the nearer the visitor's turn.
  root.style.setProperty('--ajar', `${Math.round(22 + 34 * progress)}deg`)
}

function showFacts({ facts }: Texts): void {
  const list = byId('facts')
  list.hidden = facts.length === 0
  const key = facts.flat().join('\n')
  if (list.dataset.shown === key) return
  list.dataset.shown = key
  list.replaceChildren(
    ...facts.map(([label, value, detail]) => {
      const fact = document.createElement('div')
      fact.append(made('dt', label), made('dd', value))
      if (detail !== undefined) fact.append(made('dd', detail))
      return fact
    }),
  )
}

function showLead({ lead }: Texts): void {
  const element = byId('lead')
  const key = lead.join('\n')
  if (element.dataset.shown === key) return
  element.dataset.shown = key
  element.replaceChildren(...lead.map(text => made('p', text)))
}

function showProof(proof: Proof | null, base: string): void {
  const details = byId('proof')
  details.hidden = proof === null
  if (proof === null) return
  details.dataset.kept = String(proof.keepsPromise)
  setText('proof-summary', proof.keepsPromise ? PROOF_TEXTS.kept : PROOF_TEXTS.broken)
  setText('proof-text', proof.keepsPromise ? PROOF_TEXTS.explained : PROOF_TEXTS.warned)
  setText('proof-ticket', proof.ticketId)
  setText('proof-place', String(proof.place))
  setText('proof-commitment', proof.commitment)
  setText('proof-seed', proof.seed)
  const record = `${base}/cohorts/${proof.cohort}`
  const link = byId('proof-record')
  if (link.getAttribute('href') !== record) link.setAttribute('href', record)
}

function showText(id: string, text: string | null): void {
  byId(id).hidden = text === null
  setText(id, text ?? '')
}

function setText(id: string, text: string): void {
  const element = byId(id)
  if (element.textContent !== text) element.textContent = text
}

function made(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag)
  element.textContent = text
  return element
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}
