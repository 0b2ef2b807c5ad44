/** The function at the edge and its surroundings: store, nonce, headers. What it decides: cases.test.ts. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cookieNames } from '../../../lib/gate/decision/cookies.ts'
import { edgeConfig } from '../../../lib/gate/edge/edge-options.ts'
import { edgeStoreKey } from '../../../lib/gate/edge/request/edge-config.ts'
import type { EdgeAnswer, EdgeRequest } from '../../../lib/gate/edge/request/runtime.ts'
import type { GateOptions } from '../../../lib/gate/options/options.ts'
import { PASS_PARAMETER } from '../../../lib/queue/address/query.ts'
import { key, NAVIGATION, NOW_MS, options, SHOP } from '../browser.ts'
import { passToken, sessionToken } from '../cases.ts'
import { edgeSource, functionOf, stored } from './gate.ts'
import { edgeFunction, viewerRequest } from './runtime.ts'

const SESSION = `${cookieNames.session('demo')}=${sessionToken()}`
const storeKey = edgeStoreKey('demo')
const storeOf = (value: unknown) => ({ [storeKey]: JSON.stringify(value) })
const KEYS = stored(options.keys)
const visit = (changes: object = {}) =>
  viewerRequest({ method: 'GET', url: `${SHOP}/sale`, ...NAVIGATION, ...changes })
const go = (event = visit(), value: unknown = KEYS, gate: GateOptions = options) =>
  functionOf(gate).handler(event, { store: storeOf(value), nowMs: NOW_MS })

function isAnswer(outcome: EdgeRequest | EdgeAnswer): outcome is EdgeAnswer {
  return 'statusCode' in outcome
}
async function refusedBy(outcome: ReturnType<typeof go>): Promise<EdgeAnswer> {
  const answer = await outcome
  if (!isAnswer(answer)) throw new Error('it walked through')
  return answer
}
async function letThrough(outcome: ReturnType<typeof go>): Promise<EdgeRequest> {
  const request = await outcome
  if (isAnswer(request)) throw new Error(`it was answered ${request.statusCode}`)
  return request
}

describe('the store', () => {
  test('is read once for a request that needs it, and not at all for one that needs nothing', async () => {
    const gate = { ...options, protect: ['/sale/*'] }
    const { reads } = functionOf(gate)
    const readsFor = async (changes: object) => {
      const before = reads.length
      await go(visit(changes), KEYS, gate)
      return reads.slice(before)
    }
    expect(await readsFor({})).toEqual([storeKey])
    expect(await readsFor({ cookie: SESSION })).toEqual([storeKey])
    expect(await readsFor({ url: `${SHOP}/open`, cookie: SESSION })).toEqual([])
    expect(await readsFor({ url: `${SHOP}/open?${PASS_PARAMETER}=x` })).toEqual([storeKey])
  })

  const useless = [
    null,
    7,
    'x',
    [],
    {},
    { keys: [] },
    { keys: null },
    { keys: {} },
    { keys: [null, 7, 'x', {}, { id: 'k1' }, { id: 'k1', secret: 'short' }] },
    { keys: [{ id: 'k1', secret: ['A'.repeat(43)] }] },
    { mode: 'of' },
    { mode: {} },
    { mode: { openUntilMs: '9e99' } },
    { mode: { openUntilMs: null } },
    { mode: true },
  ]

  test.each(useless)(
    'with %j in it the gate is closed, says so, and lets nobody in',
    async value => {
      const pass = `${SHOP}/sale?${PASS_PARAMETER}=${passToken()}`
      for (const changes of [{}, { cookie: SESSION }, { url: pass }, { method: 'POST' }]) {
        const answer = await refusedBy(go(visit(changes), value))
        expect(answer).toMatchObject({
          statusCode: 503,
          headers: { 'retry-after': { value: '60' } },
        })
        expect(answer.body?.data).toContain('no-keys')
      }
    },
  )

  test('that cannot be read closes the gate too, but for paths that need no session', async () => {
    const gate = functionOf({ ...options, protect: ['/sale/*'] })
    const empty = { store: {}, nowMs: NOW_MS }
    expect(await gate.handler(visit(), empty)).toMatchObject({ statusCode: 503 })
    const open = visit({ url: `${SHOP}/open?${PASS_PARAMETER}=x` })
    expect(await gate.handler(open, empty)).toMatchObject({ statusCode: 302 })
    const broken = { store: { [storeKey]: '{' }, nowMs: NOW_MS }
    expect(await gate.handler(visit(), broken)).toMatchObject({ statusCode: 503 })
  })

  test('can have anything in it: the function never falls over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (keys, mode) => {
        const answer = await go(visit({ cookie: SESSION }), { keys, mode })
        if (mode !== 'off') expect(answer).toMatchObject({ statusCode: 503 })
      }),
    )
  })

  test('for ever is not a time: an open gate has an end', async () => {
    const store = {
      [storeKey]: `{"keys":${JSON.stringify(KEYS.keys)},"mode":{"openUntilMs":1e999}}`,
    }
    const answer = await functionOf(options).handler(visit(), { store, nowMs: NOW_MS })
    expect(answer).toMatchObject({ statusCode: 302 })
  })
})

describe('the nonce', () => {
  const nonceOf = async (event = visit(), keys = KEYS) => {
    const { cookies = {} } = await refusedBy(go(event, keys))
    return Object.values(cookies)[0]?.value ?? ''
  }

  test('is another for each request, though all of them come in one millisecond', async () => {
    const nonces = new Set<string>()
    for (let count = 0; count < 500; count++) nonces.add(await nonceOf())
    expect(nonces.size).toBe(500)
    for (const nonce of nonces) expect(nonce).toMatch(/^[\w-]{22}$/)
  })

  test('is another with another key, though all else about the request is the same', async () => {
    const event = visit()
    const random = 'Math.random()'
    const source = edgeSource(options)
    expect(source.split(random)).toHaveLength(2)
    const certain = edgeFunction(source.replace(random, '0.5'))
    const nonceWith = async (byte: number) => {
      const store = storeOf(stored([key('k1', byte)]))
      const { cookies = {} } = await refusedBy(certain.handler(event, { store, nowMs: NOW_MS }))
      return Object.values(cookies)[0]?.value
    }
    const secret = key('k1', 1).secret
    const { context, viewer } = event
    const input = `nonce ${context.requestId} ${viewer.ip} ${NOW_MS} 0.5`
    const expected = createHmac('sha256', secret).update(input).digest('base64url').slice(0, 22)
    expect(await nonceWith(1)).toBe(expected)
    expect(await nonceWith(2)).not.toBe(expected)
  })
})

describe('who walks through', () => {
  const forged = {
    'antichambre-gate': { value: 'session' },
    'antichambre-ticket': { value: '9', multiValue: [{ value: '9' }, { value: '7' }] },
    antichambre_ticket: { value: '9' },
  }

  test('arrives with why and whose, and otherwise as they came', async () => {
    const event = visit({ cookie: SESSION, url: `${SHOP}/sale?b=%20&a=1` })
    const { headers } = event.request
    const request = await letThrough(go(event))
    expect(request).toMatchObject({ method: 'GET', uri: '/sale', cookies: event.request.cookies })
    expect(request.headers).toEqual({
      ...headers,
      'antichambre-gate': { value: 'session' },
      'antichambre-ticket': { value: '0.3.41' },
    })
  })

  test('failure mode 24: what a viewer sends twice, or with another hyphen, is worth nothing either', async () => {
    const event = visit({ cookie: SESSION })
    const twice = (name: string) => ({
      [name]: { value: '7', multiValue: [{ value: '7' }, { value: '9' }] },
    })
    const sent = {
      ...event.request.headers,
      ...twice('antichambre-gate'),
      ...twice('antichambre-ticket'),
      // CGI, WSGI and Rack have one variable for both
      antichambre_ticket: { value: '9' },
      antichambre_gate: { value: 'session' },
    }
    const { headers } = await letThrough(
      go({ ...event, request: { ...event.request, headers: sent } }),
    )
    // AWS, "Duplicate query strings, headers, and cookies": without `multiValue` the second value stays
    const only = (value: string) => ({ value, multiValue: [{ value }] })
    expect(headers).toEqual({
      ...event.request.headers,
      'antichambre-gate': only('session'),
      'antichambre-ticket': only('0.3.41'),
    })
  })

  test.each([
    ['an open gate', options, { ...KEYS, mode: 'off' }, { 'antichambre-gate': { value: 'off' } }],
    ['a path that needs no session', { ...options, protect: ['/x'] }, KEYS, {}],
  ])(
    'at %s: what a viewer sends under these names is worth nothing',
    async (_, gate, value, own) => {
      const event = visit()
      const { headers } = event.request
      const sent = { ...event, request: { ...event.request, headers: { ...headers, ...forged } } }
      expect((await letThrough(go(sent, value, gate))).headers).toEqual({ ...headers, ...own })
    },
  )
})

test('a header that came twice is read whole', async () => {
  const event = visit()
  const twice = {
    value: 'text/html',
    multiValue: [{ value: 'a/b' }, { value: 'application/json' }],
  }
  const { 'sec-fetch-mode': _, ...others } = event.request.headers
  const headers = { ...others, accept: twice }
  const answer = go({ ...event, request: { ...event.request, headers } })
  expect(await refusedBy(answer)).toMatchObject({
    statusCode: 401,
    headers: { 'content-type': { value: 'application/json' } },
  })
})

test('whatever a request is made of, the function does not fall over', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(text, text, text, text, text, async (uri, query, cookie, accept, referer) => {
      const event = visit({ accept, referer, cookie: `${cookieNames.session('demo')}=${cookie}` })
      const request = { ...event.request, uri: `/${uri}`, rawQueryString: () => query }
      expect(await go({ ...event, request })).toMatchObject({ statusCode: expect.any(Number) })
    }),
    { numRuns: 2_000 },
  )
})

test('the options of the edge are checked like those of every gate', () => {
  const { keys: _, ...edge } = options
  expect(() => edgeConfig({ ...edge, protect: [] })).toThrow(/protect: at least one rule/)
  expect(() => edgeConfig({ ...edge, room: 'Demo' })).toThrow(/room: /)
})

interface Vector {
  readonly name: string
  readonly token: string
  readonly nowMs?: number
  readonly nonce?: string | null
  readonly outcome: { readonly status: string; readonly reason?: string }
}

interface Vectors {
  readonly room: string
  readonly nowMs: number
  readonly keys: readonly { readonly id: string; readonly secret: string }[]
  readonly nonce: string
  readonly passes: readonly Vector[]
  readonly sessions: readonly Vector[]
}

describe('the shared vectors', () => {
  const vectors: Vectors = JSON.parse(
    readFileSync(new URL('../../vectors/tokens.json', import.meta.url), 'utf8'),
  )
  const { room, keys } = vectors
  const gate = { ...options, room }
  const at = (vector: { nowMs?: number }, changes: object) =>
    functionOf(gate).handler(visit(changes), {
      store: { [edgeStoreKey(room)]: JSON.stringify({ keys }) },
      nowMs: vector.nowMs ?? vectors.nowMs,
    })

  test.each(vectors.passes)('pass: $name', async vector => {
    const nonce = vector.nonce === undefined ? vectors.nonce : vector.nonce
    const cookie = nonce === null ? '' : `${cookieNames.nonce(room, nonce)}=${nonce}`
    const url = `${SHOP}/?${PASS_PARAMETER}=${vector.token}`
    const twice = `${cookieNames.refusals(room)}=2.${Math.floor((vector.nowMs ?? vectors.nowMs) / 1000)}`
    const answer = await refusedBy(at(vector, { url, cookie: `${cookie}; ${twice}` }))
    if (vector.outcome.status === 'valid') {
      expect(answer).toMatchObject({
        statusCode: 302,
        headers: { location: { value: `${SHOP}/` } },
      })
    } else {
      expect(answer.body?.data).toContain(`<small>${vector.outcome.reason}<`)
    }
  })

  test.each(vectors.sessions)('session: $name', async vector => {
    const cookie = `${cookieNames.session(room)}=${vector.token}`
    expect(isAnswer(await at(vector, { cookie }))).toBe(vector.outcome.status !== 'valid')
  })
})
