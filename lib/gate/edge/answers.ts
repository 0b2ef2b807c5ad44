/** The answers of `../answer/answer.ts` in CloudFront's form (`test/gate/alike.test.ts` compares them). */
import { isForScript } from '../decision/navigation.ts'
import { REFUSALS_SECONDS } from '../options/limits.ts'
import type { EdgeRefusal } from './proof.ts'
import type { EdgeAnswer, EdgeFields } from './request/runtime.ts'
import type { EdgeVisit } from './request/visit.ts'
import type { ToRoom } from './to-room.ts'

const NO_STORE = { value: 'no-store' }

export function redirect(to: ToRoom): EdgeAnswer {
  const headers = { location: { value: to.where }, 'cache-control': NO_STORE }
  return { statusCode: 302, headers: headers, cookies: to.keep }
}

/** An answer instead of a redirect: JSON for a script, a page for a person. */
export function refusal(visit: EdgeVisit, to: ToRoom, reason: EdgeReason): EdgeAnswer {
  // a pass comes only with a browser that goes to a page
  const isJson = (reason === 'no-session' || reason === 'no-keys') && isForScript(visit)
  const type = isJson ? 'application/json' : 'text/html; charset=utf-8'
  const headers: EdgeFields = { 'cache-control': NO_STORE, 'content-type': { value: type } }
  if (!isJson) headers['content-security-policy'] = { value: PAGE_POLICY }
  const statusCode = VISITORS[reason] || 503
  if (statusCode === 503) headers['retry-after'] = { value: `${REFUSALS_SECONDS}` }
  const answer: EdgeAnswer = { statusCode: statusCode, headers: headers, cookies: to.keep }
  const error = { code: reason, message: refusalText(reason) }
  const data = isJson
    ? JSON.stringify({ error: error, location: to.where })
    : refusalPage(reason, to.where)
  // an answer to HEAD has no body
  if (visit.asked.method !== 'HEAD') answer.body = { encoding: 'text', data: data }
  return answer
}

/** What a visitor can mend. All else is the site's: keys that are missing or differ, clocks (503). */
const VISITORS: Partial<Record<EdgeReason, number>> = { 'no-session': 401, 'foreign-browser': 403 }

/** The page has no script, loads nothing and stands in no frame. */
const PAGE_POLICY =
  "default-src 'none';style-src 'unsafe-inline';form-action 'none';frame-ancestors 'none'"

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

/** Plain HTML, nothing to load, no script. The reason is for people who are asked for help. */
export function refusalPage(reason: EdgeReason, location: string): string {
  const href = location.replace(/[&<>"']/g, character => `&#${character.codePointAt(0)};`)
  return `<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width"><title>Waiting room</title><body style="font:1.1rem/1.6 system-ui;margin:9vh 9vw"><p>${refusalText(reason)}<p><a href="${href}">Go to the waiting room</a><p><small>${reason}</small>`
}
