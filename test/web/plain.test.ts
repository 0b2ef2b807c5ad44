import { describe, expect, test } from 'vitest'
import { createVisitor, createWorld, SHOWROOM, type World } from '../support/world.ts'

const NONCE = 'n'.repeat(43)
const GATHERING = { showroomUrl: SHOWROOM, opensAt: '2026-12-01T06:01:00Z' }

async function gathering(config: object = {}): Promise<World> {
  const world = await createWorld()
  await world.operator('PUT', '/demo', { ...GATHERING, ...config })
  return world
}

const joined = async (world: World) =>
  (await world.store.sizes('demo', 0, 8, { consistent: true })).reduce((sum, size) => sum + size, 0)

describe('without JavaScript', () => {
  test('a browser joins once, waits, and is sent to the showroom with a pass at its turn', async () => {
    const world = await gathering()
    const visitor = createVisitor(world.visitors)
    const query = `?to=${encodeURIComponent('https://shop.example/sale?a=1')}&nonce=${NONCE}`
    const probe = await visitor.get(`/plain${query}`)
    expect(probe.status).toBe(302)
    const back = String(probe.headers.get('location')).replace('/r/demo', '')
    for (let refresh = 0; refresh < 5; refresh++) {
      const page = await visitor.get(back)
      expect(page.status).toBe(200)
      expect(page.headers.get('cache-control')).toBe('no-store')
      expect(page.text).toMatch(/http-equiv="refresh"/)
    }
    expect(await joined(world)).toBe(1)
    await world.run('demo', 61)
    const turn = await visitor.get(`/plain${query}`)
    expect(turn.status).toBe(302)
    expect(turn.headers.get('location')).toMatch(/^https:\/\/shop\.example\/sale\?a=1&antichambre=/)
  })

  test('failure mode 1: a client that keeps no cookies never burns a place, however often it comes', async () => {
    const world = await gathering()
    for (let visit = 0; visit < 5; visit++) {
      const first = await createVisitor(world.visitors).get('/plain')
      const location = String(first.headers.get('location')).replace('/r/demo', '')
      const second = await createVisitor(world.visitors).get(location)
      expect(second.status).toBe(200)
      expect(second.text).toMatch(/cookies/i)
      expect(second.text).not.toMatch(/http-equiv="refresh"/)
    }
    expect(await joined(world)).toBe(0)
  })

  test.each([
    ['HEAD', {}],
    ['GET', { 'sec-purpose': 'prefetch;prerender' }],
    ['GET', { purpose: 'prefetch' }],
  ])('failure mode 41: %s %j looks without changing anything', async (method, headers) => {
    const world = await gathering()
    const visitor = createVisitor(world.visitors)
    await visitor.get('/plain')
    const cookie = [...visitor.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await world.visitor('/r/demo/plain', { method, headers: { ...headers, cookie } })
    expect(answer.status).toBe(204)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await joined(world)).toBe(0)
  })

  test('failure mode 27: a hostile return address is told, with its code, and sends nobody anywhere', async () => {
    const world = await gathering()
    const visitor = createVisitor(world.visitors)
    await visitor.get('/plain')
    await visitor.get('/plain')
    await world.run('demo', 61)
    const answer = await visitor.get('/plain?to=//evil.example/')
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
    expect(answer.text).not.toContain('evil.example')
  })

  test('an unknown room, closed doors, a sold-out and an ended sale each have their page and status', async () => {
    const world = await gathering({ doorsAt: '2026-12-01T06:00:30Z' })
    const page = async () => {
      const visitor = createVisitor(world.visitors)
      await visitor.get('/plain')
      return visitor.get('/plain')
    }
    expect((await createVisitor(world.visitors, 'nowhere').get('/plain')).status).toBe(404)
    const closed = await page()
    expect(closed.status).toBe(409)
    expect(closed.text).toMatch(/The sale opens on Tuesday,? 1 December (?:at )?06:01 UTC\./)
    await world.operator('PATCH', '/demo', { stock: 0 })
    world.pass(1_001)
    expect((await page()).text).toMatch(/sold/i)
    await world.operator('POST', '/demo/end')
    world.pass(1_001)
    const ended = await page()
    expect(ended.status).toBe(409)
    expect(ended.text).not.toMatch(/http-equiv="refresh"/)
  })

  test('failure mode 41: the operator message is text, whatever it holds', async () => {
    const world = await gathering({ message: '<script>alert(1)</script>' })
    const visitor = createVisitor(world.visitors)
    await visitor.get('/plain')
    const page = await visitor.get('/plain')
    expect(page.text).toContain('&lt;script&gt;')
    expect(page.text).not.toContain('<script')
  })
})
