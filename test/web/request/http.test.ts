import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { jsonAnswer, limitBody } from '../../../lib/web/request/http.ts'

const app = new Hono()
app.post('/', limitBody(10), async c => c.text(await c.req.text()))

const post = (body: string, headers: Record<string, string> = {}) =>
  app.request('/', { method: 'POST', body, headers })

describe('the limit of a body', () => {
  test.each([
    ['said', (body: string) => ({ 'content-length': String(body.length) })],
    ['not said', () => ({})],
    ['said, but sent in chunks', () => ({ 'content-length': '1', 'transfer-encoding': 'chunked' })],
  ])('holds where the length is %s', async (_, headers) => {
    const fits = 'x'.repeat(10)
    const answer = await post(fits, headers(fits))
    expect([answer.status, await answer.text()]).toEqual([200, fits])
    const longer = 'x'.repeat(11)
    const refused = await post(longer, headers(longer))
    expect(refused.status).toBe(413)
    expect(await refused.json()).toMatchObject({ error: { code: 'too-large' } })
  })

  test('refuses a length that is no number', async () => {
    expect((await post('x', { 'content-length': 'much' })).status).toBe(413)
  })

  test('takes a request without a body', async () => {
    const answer = await app.request('/', { method: 'POST' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })
})

test('a JSON answer says what it is, how long it may be kept, and what else is asked', async () => {
  const answer = jsonAnswer({ a: 'é' }, 'no-store', 201, { 'set-cookie': 'a=b; Path=/' })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.getSetCookie()).toEqual(['a=b; Path=/'])
  expect(await answer.json()).toEqual({ a: 'é' })
})
