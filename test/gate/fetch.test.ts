/** What is Fetch's own about the gate in front of a Fetch handler. */
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { createFetchGate, type FetchGateOptions, factsOf } from '../../lib/gate/fetch.ts'
import { NOW_MS, nonce, options, SHOP } from './browser.ts'
import { sessionToken } from './cases.ts'

const made = (changes: Partial<FetchGateOptions> = {}) =>
  createFetchGate({ ...options, now: () => NOW_MS, random: () => nonce(1), ...changes })
const inside = (path = '/sale') =>
  new Request(`${SHOP}${path}`, { headers: { cookie: `antichambre-demo=${sessionToken()}` } })
const cachingOf = ({ headers }: Response) => [headers.get('cache-control'), headers.get('vary')]

describe('failure mode 38: personal answers in a shared cache', () => {
  const answered = (response: Response, changes: Partial<FetchGateOptions> = {}) =>
    made(changes).wrap(() => response)(inside())

  test('an answer that says nothing of caches becomes private, whatever it is', async () => {
    for (const response of [
      new Response('x'),
      new Response(null, { status: 204 }),
      new Response(null, { status: 304 }),
      Response.redirect(`${SHOP}/`, 303),
      await fetch('data:text/plain,x'),
    ]) {
      const answer = await answered(response)
      expect(answer.status).toBe(response.status)
      expect(cachingOf(answer)).toEqual(['private, no-store', 'Cookie'])
    }
  })

  test('one that says so keeps its word and its body, and varies by cookie', async () => {
    const headers = { 'cache-control': 'max-age=60', vary: 'Accept', 'x-a': '1' }
    const answer = await answered(new Response('the body', { headers, status: 404 }))
    expect(cachingOf(answer)).toEqual(['max-age=60', 'Accept, Cookie'])
    expect([answer.status, await answer.text()]).toEqual([404, 'the body'])
  })

  test('one that needs no session is the very answer that was given', async () => {
    const response = new Response('x')
    expect(await answered(response, { bypass: ['/sale'] })).toBe(response)
    expect(cachingOf(response)).toEqual([null, null])
  })

  test('an error of the network stays one', async () => {
    const response = Response.error()
    expect(await answered(response)).toBe(response)
  })

  test('a gate that is off marks every answer', async () => {
    const answer = await made({ mode: 'off' }).wrap(() => new Response())(inside())
    expect(answer.headers.get('antichambre-gate')).toBe('off')
  })
})

describe('the handler', () => {
  test('is given all that its platform gives, and may be asynchronous', async () => {
    const handler = made().wrap(async (request, env: { name: string }, context: number) => {
      const { ticketId } = factsOf(request)?.session ?? {}
      return Response.json([ticketId, env.name, context])
    })
    expect(await (await handler(inside(), { name: 'shop' }, 7)).json()).toEqual([
      '0.3.41',
      'shop',
      7,
    ])
  })

  test('may give nothing, or the answer to a WebSocket, which nobody can change', async () => {
    expect(await made().wrap(() => undefined)(inside())).toBeUndefined()
    // no Response of Node's has this status; those of Workers and Deno do
    const upgraded = Object.defineProperty(new Response(), 'status', { value: 101 })
    expect(await made().wrap(() => upgraded)(inside())).toBe(upgraded)
    expect(cachingOf(upgraded)).toEqual([null, null])
  })

  test('is not called for a WebSocket without a session, which is told no and not redirected', async () => {
    let calls = 0
    const handler = made().wrap(() => {
      calls += 1
      return new Response()
    })
    for (const upgrade of ['websocket', 'WebSocket']) {
      const answer = await handler(new Request(`${SHOP}/live`, { headers: { upgrade } }))
      expect(answer.status).toBe(401)
    }
    const other = await handler(new Request(`${SHOP}/`, { headers: { upgrade: 'h2c' } }))
    expect([other.status, calls]).toEqual([302, 0])
  })

  test('that fails, fails: the gate hides nothing', async () => {
    const handler = made().wrap(() => {
      throw new RangeError('no')
    })
    await expect(handler(inside())).rejects.toThrow(RangeError)
  })
})

test('throws at once for a wrong configuration', () => {
  expect(() => made({ protect: [] })).toThrow(/protect/)
})

test('the gate needs nothing of Node but its crypto, and no framework', async () => {
  const { metafile } = await build({
    entryPoints: ['lib/gate/fetch.ts'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*'],
    logLevel: 'silent',
  })
  const inputs = Object.values(metafile.inputs).flatMap(({ imports }) => imports)
  const outside = inputs.filter(({ external }) => external).map(({ path }) => path)
  expect([...new Set(outside)]).toEqual(['node:crypto'])
  const packages = Object.keys(metafile.inputs).filter(path => path.includes('node_modules'))
  expect(packages.filter(path => !/node_modules\/(?:zod|@noble\/hashes)\//.test(path))).toEqual([])
})
