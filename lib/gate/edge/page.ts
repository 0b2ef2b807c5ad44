/** What a gate at the edge says instead of a redirect: as the other gates, in fewer words. */
import type { EdgeRefusal } from './proof.ts'

/** The code, or else why a pass was refused. */
export type EdgeReason = 'no-session' | 'no-keys' | EdgeRefusal

export function refusalText(reason: EdgeReason): string {
  if (reason === 'no-session') {
    return 'Nothing was done: you have no session here. The way in leads through the waiting room.'
  }
  return reason === 'foreign-browser'
    ? 'This pass belongs to another browser. Allow cookies, and go to the waiting room with this one.'
    : 'The showroom cannot take your pass: a fault of this site, not yours. Please try again in a minute.'
}

/** Plain HTML, nothing to load, no script. The reason is for whoever is asked for help. */
export function refusalPage(reason: EdgeReason, location: string): string {
  const href = location.replace(/[&<>"']/g, character => `&#${character.codePointAt(0)};`)
  return `<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width"><title>Waiting room</title><body style="font:1.1rem/1.6 system-ui;margin:9vh 9vw"><p>${refusalText(reason)}<p><a href="${href}">Go to the waiting room</a><p><small>${reason}</small>`
}
