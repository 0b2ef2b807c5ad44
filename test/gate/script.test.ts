/** The gate for pages, as it is built, in a browser of which only as much is there as it needs. */
import { generateKeyPairSync, webcrypto } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { nonceHash } from '../../lib/gate/decision/nonce.ts'
import { scriptGate } from '../../lib/gate/script/build.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import { passClaims, signPass, signPassEs256 } from '../../lib/queue/tokens/pass.ts'
import { key, NOW_MS, SHOP } from './browser.ts'

const SCRIPT = scriptGate()
const ROOM_URL = 'https://wait.example'
const pair = (id: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    signer: { id, privateKey: { key: privateKey, dsaEncoding: 'ieee-p1363' as const } },
    jwk: { ...publicKey.export({ format: 'jwk' }), kid: id, use: 'sig', alg: 'ES256' },
  }
}
const [K1, K2] = [pair('k1'), pair('k2')]

interface Given {
  url?: string
  data?: Record<string, string>
  tab?: Map<string, string> | 'blocked'
  all?: Map<string, string>
  /** What the room answers; undefined is a room that is away. */
  jwks?: unknown
  status?: unknown
  /** How far the browser's clock is ahead of the room's. */
  aheadMs?: number
  isFramed?: boolean
  hasCrypto?: boolean
}

/** Loads a page with the script in it, and waits until the script has decided. */
async function load(given: Given = {}) {
  const { tab = new Map(), all = new Map(), aheadMs = 0 } = given
  const url = new URL(given.url ?? `${SHOP}/sale?colour=red#top`)
  const styles = new Map<string, string>()
  const seen = {
    shown: url.href,
    wentTo: '',
    told: '',
    link: '',
    isHidden: false,
    asked: [] as string[],
  }
  const element = () => {
    const children: { text: () => string }[] = []
    const made = {
      style: {},
      textContent: '',
      setAttribute: (name: string, value: string) => {
        if (name === 'href') seen.link = value
      },
      append: (child: { text: () => string }) => children.push(child),
      text: (): string => made.textContent + children.map(child => child.text()).join(' '),
    }
    return made
  }
  const root = {
    style: {
      setProperty: (name: string, value: string) => styles.set(name, value),
      removeProperty: (name: string) => styles.delete(name),
    },
    append: (cover: { text: () => string }) => {
      seen.told = cover.text()
    },
  }
  const answers = new Map([
    [`${ROOM_URL}/r/demo/jwks.json`, 'jwks' in given ? given.jwks : { keys: [K1.jwk] }],
    [`${ROOM_URL}/r/demo/status`, 'status' in given ? given.status : { nowMs: NOW_MS }],
  ])
  const self = { name: 'self' }
  const replace = (to: string) => {
    seen.wentTo = to
  }
  const place = { ...partsOf(url), replace }
  const listeners = new Map<string, (event: object) => void>()
  const crypto = given.hasCrypto === false ? { getRandomValues: () => {} } : webcrypto
  runInNewContext(SCRIPT, {
    self,
    top: given.isFramed ? { name: 'top' } : self,
    document: {
      currentScript: { dataset: given.data ?? { room: 'demo', roomUrl: ROOM_URL } },
      documentElement: root,
      createElement: element,
    },
    location: place,
    history: {
      state: null,
      replaceState: (_: null, __: string, to: string) => {
        seen.shown = to
        Object.assign(place, partsOf(new URL(to)))
      },
    },
    get sessionStorage() {
      if (tab === 'blocked') throw new Error('SecurityError')
      return storage(tab)
    },
    localStorage: storage(all),
    fetch: async (to: string) => {
      seen.asked.push(to)
      const answer = answers.get(to)
      if (answer === undefined) throw new TypeError('Failed to fetch')
      return { ok: true, json: async () => answer }
    },
    addEventListener: (name: string, listener: (event: object) => void) =>
      listeners.set(name, listener),
    Date: { now: () => NOW_MS + aheadMs },
    crypto,
    ...{ URLSearchParams, AbortController, TextEncoder, TextDecoder, btoa, atob, Uint8Array },
    setTimeout: () => 0,
    clearTimeout: () => {},
  })
  const settled = () => seen.wentTo !== '' || seen.told !== '' || !styles.has('visibility')
  // its cryptography is done by other threads, in their own time
  while (!settled()) await new Promise(resolve => setTimeout(resolve, 1))
  const hidden = styles.get('visibility') === 'hidden'
  return { ...seen, seen, isHidden: hidden, tab: tab as Map<string, string>, all, listeners }
}

const partsOf = ({ href, origin, pathname, search, hash }: URL) => ({
  href,
  origin,
  pathname,
  search,
  hash,
})

function storage(map: Map<string, string>) {
  return {
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, value: string) => map.set(name, value),
    removeItem: (name: string) => map.delete(name),
  }
}

/** The room, at the turn of whoever was sent there. */
function pass(wentTo: string, facts: { room?: string; nowMs?: number; endsAtMs?: number } = {}) {
  const { room = 'demo', nowMs = NOW_MS, endsAtMs = nowMs + 900_000 } = facts
  const nonce = new URL(wentTo).searchParams.get('nonce') ?? undefined
  return passClaims({ room, ticketId: '0.3.41', jti: 'j', nonce, nowMs, sessionEndsAtMs: endsAtMs })
}
const back = (token: string) => `${SHOP}/sale?colour=red&${PASS_PARAMETER}=${token}#top`

/** A browser that was sent to the room, and its way back. */
async function sent(facts: Parameters<typeof pass>[1] = {}, signer = K1.signer) {
  const first = await load()
  return { first, url: back(signPassEs256(pass(first.wentTo, facts), signer)), all: first.all }
}

test('is small, and has no secret and no schema library', () => {
  expect(gzipSync(SCRIPT).length).toBeLessThan(3_000)
  expect(SCRIPT).not.toMatch(/zod|secret|cookie/i)
})

describe('without a session', () => {
  test('the page stays hidden and the visitor goes to the room, with the way back and a nonce', async () => {
    const { isHidden, wentTo, all, asked } = await load()
    expect(isHidden).toBe(true)
    const { origin, pathname, searchParams } = new URL(wentTo)
    expect([origin, pathname]).toEqual([ROOM_URL, '/r/demo'])
    expect(searchParams.get('to')).toBe(`${SHOP}/sale?colour=red#top`)
    const nonce = all.get('antichambre-demo.nonce') ?? ''
    expect(nonce).toMatch(/^[\w-]{22}$/)
    expect(searchParams.get('nonce')).toBe(nonceHash(nonce))
    expect(asked).toEqual([])
  })

  test('all tabs of a browser share the nonce', async () => {
    const { wentTo, all } = await load()
    expect((await load({ all })).wentTo).toBe(wentTo)
  })

  test('the open way is taken where the page says so', async () => {
    const data = { room: 'demo', roomUrl: `${ROOM_URL}/`, way: 'through' }
    expect(new URL((await load({ data })).wentTo).pathname).toBe('/r/demo/through')
  })

  test('an address that the room would not take goes without its query', async () => {
    const long = (length: number) =>
      `${SHOP}/sale?q=${'x'.repeat(length - `${SHOP}/sale?q=`.length)}`
    const to = async (url: string) => new URL((await load({ url })).wentTo).searchParams.get('to')
    expect(await to(long(2_000))).toBe(long(2_000))
    expect(await to(long(2_001))).toBe(`${SHOP}/sale`)
  })
})

describe('with a pass', () => {
  test('the page is shown, its address is clean, and this tab is in until the session ends', async () => {
    const { url, all } = await sent()
    const entered = await load({ url, all })
    expect(entered).toMatchObject({ isHidden: false, wentTo: '', told: '' })
    expect(entered.shown).toBe(`${SHOP}/sale?colour=red#top`)
    const { tab } = entered
    const later = async (ms: number) => load({ tab, all, aheadMs: ms })
    expect((await later(899_999)).isHidden).toBe(false)
    expect((await later(899_999)).asked).toEqual([])
    expect((await later(900_000)).wentTo).toContain('/r/demo?')
  })

  test.each([-3_600_000, -60_000, 0, 60_000, 86_400_000])(
    'a browser whose clock is %i ms off is let in, for as long as anybody',
    async aheadMs => {
      const { url, all } = await sent()
      const { tab, isHidden } = await load({ url, all, aheadMs })
      expect(isHidden).toBe(false)
      expect((await load({ tab, all, aheadMs: aheadMs + 899_999 })).isHidden).toBe(false)
      expect((await load({ tab, all, aheadMs: aheadMs + 900_000 })).isHidden).toBe(true)
    },
  )

  test.each([
    [64_999, true],
    [65_000, false],
    [-5_000, true],
    [-5_001, false],
  ])('by a clock that is %i ms after the signature: in is %s', async (ms, isIn) => {
    const { url, all } = await sent()
    const { isHidden } = await load({ url, all, status: { nowMs: NOW_MS + ms } })
    expect(isHidden).toBe(!isIn)
  })

  test('either key of a rotation is taken', async () => {
    for (const { signer } of [K1, K2]) {
      const { url, all } = await sent({}, signer)
      expect((await load({ url, all, jwks: { keys: [K1.jwk, K2.jwk] } })).isHidden).toBe(false)
    }
  })

  test('and a session, a bad pass is only cleaned away', async () => {
    const { url, all } = await sent()
    const { tab } = await load({ url, all })
    const again = await load({ url: back('a.b.c'), all, tab })
    expect(again).toMatchObject({ isHidden: false, wentTo: '' })
    expect(again.shown).not.toContain(PASS_PARAMETER)
  })
})

describe('a pass that is refused sends back to the room, and the third time says why', () => {
  const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const made: [string, string, (wentTo: string) => string][] = [
    ['failure mode 24: a public id', 'forged', () => '0.3.41'],
    [
      'a changed claim',
      'forged',
      to => signPassEs256(pass(to), K1.signer).replace(/\.eyJ/, '.eyK'),
    ],
    ['a key that the room does not have', 'forged', to => signPassEs256(pass(to), K2.signer)],
    [
      'another key under a known id',
      'forged',
      to => signPassEs256(pass(to), { ...K2.signer, id: 'k1' }),
    ],
    ['failure mode 31: HS256', 'forged', to => signPass(pass(to), key('k1', 1))],
    [
      'algorithm none',
      'forged',
      to => `${b64({ alg: 'none', typ: 'pass+jwt', kid: 'k1' })}.${b64(pass(to))}.`,
    ],
    ['no signature', 'forged', to => signPassEs256(pass(to), K1.signer).replace(/\.[^.]*$/, '.')],
    ['a megabyte', 'forged', () => 'x'.repeat(1_000_000)],
    ['another room', 'foreign-room', to => signPassEs256(pass(to, { room: 'other' }), K1.signer)],
    [
      'an old pass',
      'expired',
      to => signPassEs256(pass(to, { nowMs: NOW_MS - 65_000 }), K1.signer),
    ],
    ['an early pass', 'early', to => signPassEs256(pass(to, { nowMs: NOW_MS + 6_000 }), K1.signer)],
    [
      'a session that is over',
      'expired',
      to => signPassEs256(pass(to, { nowMs: NOW_MS - 2_000, endsAtMs: NOW_MS }), K1.signer),
    ],
    [
      'failure mode 25: another browser',
      'foreign-browser',
      () => signPassEs256(pass(`${ROOM_URL}/?nonce=${nonceHash('x')}`), K1.signer),
    ],
    ['no browser', 'foreign-browser', () => signPassEs256(pass(ROOM_URL), K1.signer)],
  ]

  test.each(made)('%s is %s', async (_, reason, token) => {
    const { wentTo, all } = await load()
    const url = back(token(wentTo))
    const tab = new Map<string, string>()
    for (let round = 1; round <= 2; round++) {
      expect((await load({ url, all, tab })).wentTo).toBe(wentTo)
    }
    const last = await load({ url, all, tab })
    expect(last).toMatchObject({ wentTo: '', link: wentTo, isHidden: true })
    expect(last.told).toContain(`(${reason})`)
    expect([...tab.keys()]).toEqual(['antichambre-demo.refusals'])
  })

  test.each([undefined, {}, { keys: 7 }, null, []])(
    'not, where the room’s keys cannot be had (%j): then the visitor may try again',
    async jwks => {
      const { url, all } = await sent()
      const { told, link, wentTo } = await load({ url, all, jwks })
      expect([link, wentTo]).toEqual([url, ''])
      expect(told).toContain('(unreachable)')
    },
  )

  test('not, where its time cannot be had', async () => {
    const { url, all } = await sent()
    for (const status of [undefined, {}, { nowMs: '1' }]) {
      expect((await load({ url, all, status })).told).toContain('(unreachable)')
    }
  })

  test('not for keys that are none: what is in the set is not believed', async () => {
    const { url, all } = await sent()
    for (const keys of [[null, 7, 'k1'], [{ kid: 'k1' }], [{ ...K1.jwk, x: '' }]]) {
      expect((await load({ url, all, jwks: { keys } })).wentTo).toContain('/r/demo?')
    }
  })
})

describe('failure mode 51: never silently', () => {
  test.each<[string, Given, string]>([
    ['a browser that keeps nothing', { tab: 'blocked' }, '(cannot)'],
    ['a page without https', { hasCrypto: false }, '(cannot)'],
    ['no room', { data: { roomUrl: ROOM_URL } }, '(wrong-setup)'],
    ['no address', { data: { room: 'demo' } }, '(wrong-setup)'],
    ['an address that runs', { data: { room: 'demo', roomUrl: 'javascript:x' } }, '(wrong-setup)'],
  ])('%s is told, and the page stays hidden', async (_, given, told) => {
    const page = await load(given)
    expect([page.isHidden, page.wentTo]).toEqual([true, ''])
    expect(page.told).toContain(told)
  })

  test('in a frame it does nothing: the page around it has a gate of its own', async () => {
    expect(await load({ isFramed: true })).toMatchObject({ isHidden: false, wentTo: '' })
  })

  test('a page that the back button brings back is looked at again', async () => {
    const { url, all } = await sent()
    const { seen, listeners, tab } = await load({ url, all })
    const shown = (persisted: boolean) => listeners.get('pageshow')?.({ persisted })
    tab.clear()
    shown(false)
    shown(true)
    await vi.waitUntil(() => seen.wentTo !== '')
    expect(seen.wentTo).toContain('/r/demo?')
  })
})
