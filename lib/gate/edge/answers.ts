/** What a decision becomes at the edge: the answers of `../answer.ts` as CloudFront takes them. */
import { REFUSALS_SECONDS } from '../limits.ts'
import { type EdgeReason, refusalPage, refusalText } from './page.ts'
import type { WayToRoom } from './room.ts'
import type { EdgeAnswer, EdgeFields } from './runtime.ts'
import type { EdgeVisit } from './visit.ts'

const NO_STORE = { value: 'no-store' }

export function redirect(way: WayToRoom): EdgeAnswer {
  const headers = { location: { value: way.where }, 'cache-control': NO_STORE }
  return { statusCode: 302, headers: headers, cookies: way.keep }
}

/** An answer instead of a redirect. @param json whether the caller is a script, not a person. */
export function refusal(
  visit: EdgeVisit,
  httpStatus: 401 | 403 | 503,
  reason: EdgeReason,
  way: WayToRoom,
  json: boolean,
): EdgeAnswer {
  const type = json ? 'application/json' : 'text/html; charset=utf-8'
  const headers: EdgeFields = { 'cache-control': NO_STORE, 'content-type': { value: type } }
  if (!json) headers['content-security-policy'] = { value: PAGE_POLICY }
  if (httpStatus === 503) headers['retry-after'] = { value: `${REFUSALS_SECONDS}` }
  const answer: EdgeAnswer = { statusCode: httpStatus, headers: headers, cookies: way.keep }
  const error = { code: reason, message: refusalText(reason) }
  const data = json
    ? JSON.stringify({ error: error, location: way.where })
    : refusalPage(reason, way.where)
  // an answer to HEAD has no body
  if (visit.asked.method !== 'HEAD') answer.body = { encoding: 'text', data: data }
  return answer
}

/** The page has no script, loads nothing and stands in no frame. */
const PAGE_POLICY =
  "default-src 'none';style-src 'unsafe-inline';form-action 'none';frame-ancestors 'none'"
