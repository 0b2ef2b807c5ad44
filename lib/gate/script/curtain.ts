/** What a visitor sees of a page while it is not theirs: nothing, or why not. */
import type { ScriptRefusal } from './pass.ts'

export type Reason = ScriptRefusal | 'cannot' | 'unreachable' | 'wrong-setup'

const SITE_FAULT = 'This is a fault of this site, not yours, and your place is not lost.'

const TEXTS: Record<Reason, string> = {
  forged: `The showroom does not know the key of your pass. ${SITE_FAULT}`,
  'foreign-room': `Your pass is for another room. ${SITE_FAULT}`,
  expired: `Your pass came too late. ${SITE_FAULT}`,
  early: `Your pass came too early. ${SITE_FAULT}`,
  'foreign-browser': 'This pass belongs to another browser. Go to the waiting room with this one.',
  unreachable: 'The waiting room cannot be reached right now. Your place is not lost.',
  cannot: 'Allow this site to keep data in your browser, by an address that begins with https.',
  'wrong-setup': `The gate of this page names no waiting room. ${SITE_FAULT}`,
}

const COVER =
  'visibility:visible;position:fixed;inset:0;z-index:2147483647;padding:12vh 1.5rem;overflow:auto;background:Canvas;color:CanvasText;font:1.125rem/1.6 system-ui,sans-serif'

/** By the style object, which every content security policy allows, and no style sheet outdoes. */
export function hide(): void {
  document.documentElement.style.setProperty('visibility', 'hidden', 'important')
}

export function show(): void {
  document.documentElement.style.removeProperty('visibility')
}

/** @param link where the visitor may try again; undefined where that would change nothing. */
export function tell(reason: Reason, link: string | undefined): void {
  const cover = element('div', '')
  cover.setAttribute('role', 'alert')
  cover.style.cssText = COVER
  cover.append(element('p', TEXTS[reason]))
  if (link !== undefined) {
    const anchor = element('a', reason === 'unreachable' ? 'Try again' : 'Go to the waiting room')
    anchor.setAttribute('href', link)
    cover.append(anchor)
  }
  cover.append(element('p', `(${reason})`))
  document.documentElement.append(cover)
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name)
  made.textContent = text
  return made
}
