import { afterEach, describe, expect, test, vi } from 'vitest'
import { createApi } from '../../../lib/page/browser/api.ts'
import { START_MS, statusAt, TICKET } from '../walk.ts'

afterEach(() => vi.unstubAllGlobals())

/** Every request gets this answer; the bodies of posts are kept. */
function answering(body: unknown, status = 200): unknown[] {
  const posted: unknown[] = []
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    if (typeof init.body === 'string') posted.push(JSON.parse(init.body))
    return Response.json(body, { status })
  })
  return posted
}

const api = createApi('/r/demo~members')

describe('a status', () => {
  test('of a room that is older than the page is read all the same', async () => {
    const { mode, binding, soldOutAtMs, odds, lateSeats, ...older } = statusAt(START_MS)
    answering(older)
    expect(await api.status()).toEqual({ type: 'status', status: statusAt(START_MS) })
    expect([mode, binding, soldOutAtMs, odds, lateSeats]).toEqual(['line', null, null, null, 0])
  })

  test.each([null, [], 'ok', {}, { ...statusAt(START_MS), front: '3' }])(
    'that is none (%j) is a failure, never a crash',
    async body => {
      answering(body)
      expect(await api.status()).toMatchObject({ type: 'failed', request: 'status' })
    },
  )
})

describe('joining', () => {
  test('tells of the invitation and its holder where there is one, and of nothing else', async () => {
    const posted = answering(TICKET, 201)
    const invited = { invitation: 'a.b.c', holder: 'h'.repeat(32) }
    expect(await api.join(2, invited)).toEqual({ type: 'joined', ticket: TICKET })
    await api.join(1)
    expect(posted).toEqual([{ attempt: 2, ...invited }, { attempt: 1 }])
  })
})

test.each([
  [425, 'house-full'],
  [409, 'room-closed'],
  [409, 'invitation-used'],
])('%i %s is told by its code', async (status, code) => {
  answering({ error: { code, message: '' } }, status)
  const refused = { type: 'refused', request: 'pass', code }
  expect(await api.pass(undefined, undefined)).toEqual(refused)
})
