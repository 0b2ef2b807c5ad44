/** The waiting page and its files: what S3 and an edge function serve on AWS. */
import { Hono } from 'hono'
import type { pageFiles } from '../page/build/build.ts'
import { INVITATION_PARAMETER } from '../queue/tokens/invitation.ts'

export type PageFiles = ReturnType<typeof pageFiles>

export function pageApp(files: PageFiles): Hono {
  const app = new Hono()
  const page = files.get('page.html')
  if (page === undefined) throw new Error('the page was not built')

  app.get('/r/:room', c => {
    if (c.req.query('plain') !== undefined) {
      return c.redirect(
        `/r/${c.req.param('room')}/plain${queryOfReferer(c.req.header('referer'), c.req.url)}`,
      )
    }
    return c.body(page.body, 200, {
      'content-type': page.type,
      'cache-control': page.cacheControl,
      ...SECURITY_HEADERS,
    })
  })
  app.get('/assets/:file', c => {
    const file = files.get(`assets/${c.req.param('file')}`)
    if (file === undefined) return c.notFound()
    return c.body(file.body, 200, { 'content-type': file.type, 'cache-control': file.cacheControl })
  })
  return app
}

/** The headers that the distribution adds; test/constructs/pages.test.ts compares them. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}

/** Without JavaScript the page cannot pass its query on; but the referrer has it. */
function queryOfReferer(referer: string | undefined, requestUrl: string): string {
  if (referer === undefined || !URL.canParse(referer)) return ''
  const from = new URL(referer)
  const here = new URL(requestUrl)
  if (from.origin !== here.origin || from.pathname !== here.pathname) return ''
  const kept = new URLSearchParams()
  for (const name of ['to', 'nonce', INVITATION_PARAMETER]) {
    const value = from.searchParams.get(name)
    if (value !== null) kept.set(name, value)
  }
  return kept.size === 0 ? '' : `?${kept}`
}
