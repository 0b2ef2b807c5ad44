/**
 * What one request cannot show: walks of several, the same for every adapter. The numbers are those
 * of failure modes that other waiting rooms had; single requests have their table in `cases.ts`.
 */
import fc from 'fast-check'
import { expect, onTestFinished, vi } from 'vitest'
import type { AdapterOptions } from '../../lib/gate/adapter.ts'
import { REFUSALS_MAX } from '../../lib/gate/options/limits.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import type { Adapter, Showroom } from './adapters.ts'
import {
  browser,
  key,
  NOW_MS,
  nonce,
  options,
  type RoomFacts,
  roomAnswers,
  SHOP,
} from './browser.ts'

export interface Walk {
  readonly name: string
  readonly walk: (street: Street) => Promise<void>
}

/** A showroom behind the adapter under test, and people who go there. */
export interface Street {
  /** A showroom with changed options; it closes by itself after the walk. */
  open(changes?: Partial<AdapterOptions>): Promise<Showroom>
  visitor(shop: Showroom): Visitor
  setNow(nowMs: number): void
}

export interface Visitor {
  go(url: string, method?: string, headers?: Record<string, string>): Promise<Response>
  /** From the showroom to the room and back: the address with the pass. */
  sent(url?: string, facts?: RoomFacts): Promise<string>
  /** All the way in. */
  enter(url?: string, facts?: RoomFacts): Promise<Response>
  readonly jar: ReturnType<typeof browser>['jar']
}

const PERSON = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }
let nonces = 0

/** Walks on a street of its own, and tidies up. */
export async function walkWith(adapter: Adapter, { walk }: Walk): Promise<void> {
  const opened: Showroom[] = []
  let nowMs = NOW_MS
  const street: Street = {
    async open(changes = {}) {
      const random = () => nonce(++nonces)
      const shop = await adapter.open({ ...options, now: () => nowMs, random, ...changes })
      opened.push(shop)
      return shop
    },
    visitor: shop => visitorOf(shop, () => nowMs),
    setNow: ms => {
      nowMs = ms
    },
  }
  try {
    await walk(street)
  } finally {
    for (const shop of opened) await shop.close()
  }
}

function visitorOf(shop: Showroom, now: () => number): Visitor {
  const { jar, keep, cookieHeader } = browser()
  const go: Visitor['go'] = async (url, method = 'GET', headers = PERSON) => {
    const answer = await shop.ask({
      method,
      url,
      headers: { cookie: cookieHeader(now()), ...headers },
    })
    keep(answer.headers.getSetCookie(), now())
    return answer
  }
  const sent: Visitor['sent'] = async (url = `${SHOP}/sale`, facts = {}) =>
    roomAnswers(locationOf(await go(url)), { nowMs: now(), ...facts })
  return { jar, go, sent, enter: async (url, facts) => go(await sent(url, facts)) }
}

const locationOf = (answer: Response) => answer.headers.get('location') ?? ''
const isRoom = (answer: Response) => locationOf(answer).startsWith('https://wait.example/r/demo?')
const sessionLines = (answer: Response) =>
  answer.headers.getSetCookie().filter(line => line.startsWith('antichambre-demo='))

export const walks: readonly Walk[] = [
  {
    name: 'a visitor walks in, and the showroom is reached by them alone',
    async walk({ open, visitor, setNow }) {
      const shop = await open()
      const someone = visitor(shop)
      const entered = await someone.enter(`${SHOP}/sale?b=%20+x&a=1`)
      expect([entered.status, locationOf(entered)]).toEqual([302, `${SHOP}/sale?b=%20+x&a=1`])
      expect(shop.reached).toEqual([])
      const inside = await someone.go(locationOf(entered))
      expect(await inside.json()).toMatchObject({
        via: 'session',
        session: { ticketId: '0.3.41', endsAtMs: NOW_MS + 900_000 },
      })
      setNow(NOW_MS + 900_000)
      expect(isRoom(await someone.go(`${SHOP}/sale`))).toBe(true)
      expect(shop.reached).toEqual(['GET'])
    },
  },
  {
    name: 'failure mode 24: no public id opens anything, wherever it is put',
    async walk({ open, visitor }) {
      const shop = await open()
      for (const id of ['0.3.41', 'demo', 'k1', 'true', '1']) {
        const someone = visitor(shop)
        await someone.go(`${SHOP}/sale`)
        someone.jar.set('antichambre-demo', { value: id, endsAtMs: NOW_MS + 1 })
        const refused = await someone.go(`${SHOP}/sale?${PASS_PARAMETER}=${id}`)
        expect(isRoom(refused)).toBe(true)
      }
      expect(shop.reached).toEqual([])
    },
  },
  {
    name: 'failure mode 25: a link with a pass in it is worthless in a second browser',
    async walk({ open, visitor }) {
      const shop = await open()
      const someone = visitor(shop)
      const link = await someone.sent()
      const stranger = visitor(shop)
      expect(isRoom(await stranger.go(link))).toBe(true)
      expect(isRoom(await stranger.go(link))).toBe(true)
      expect(locationOf(await someone.go(link))).toBe(`${SHOP}/sale`)
      expect(stranger.jar.has('antichambre-demo')).toBe(false)
    },
  },
  {
    name: 'failure mode 25: who has departed is out at once, and the same pass opens nothing more',
    async walk({ open, visitor }) {
      const departed = new Set<string>()
      const shop = await open({ hasDeparted: ticketId => departed.has(ticketId) })
      const someone = visitor(shop)
      const link = await someone.sent()
      await someone.go(link)
      expect((await someone.go(`${SHOP}/sale`)).status).toBe(200)
      departed.add('0.3.41')
      expect(isRoom(await someone.go(`${SHOP}/sale`))).toBe(true)
      expect(isRoom(await someone.go(link))).toBe(true)
    },
  },
  {
    name: 'failure mode 26: one changed letter anywhere in a session or a pass keeps it out',
    async walk({ open, visitor }) {
      const shop = await open()
      const someone = visitor(shop)
      const link = await someone.sent()
      await someone.go(link)
      const session = someone.jar.get('antichambre-demo')?.value ?? ''
      const letters = fc.constantFrom(...'AZaz09-_.'.split(''))
      const changed = fc.asyncProperty(fc.nat(2_000), letters, async (at, letter) => {
        const place = at % session.length
        fc.pre(session[place] !== letter)
        const forged = session.slice(0, place) + letter + session.slice(place + 1)
        const forger = visitor(shop)
        forger.jar.set('antichambre-demo', { value: forged, endsAtMs: NOW_MS + 1 })
        expect(isRoom(await forger.go(`${SHOP}/sale`))).toBe(true)
      })
      await fc.assert(changed, { numRuns: 25 })
      expect(shop.reached).toEqual([])
    },
  },
  {
    name: 'failure mode 27: whatever the address, every redirect leads to the showroom or the room',
    async walk({ open, visitor }) {
      const part = fc.string({
        unit: fc.constantFrom(...'/\\@:.;?&=%'.split(''), 'evil.example', '%2f', '%5c', '%09'),
        maxLength: 10,
      })
      for (const publicUrl of [SHOP, undefined]) {
        const shop = await open({ publicUrl })
        const kept = fc.asyncProperty(part, part, async (path, query) => {
          const someone = visitor(shop)
          const away = await someone.go(`${SHOP}/${path}?${query}`)
          expect(isRoom(away)).toBe(true)
          const to = new URL(locationOf(away)).searchParams.get('to')
          expect(new URL(to ?? SHOP).origin).toBe(SHOP)
          const entered = await someone.go(roomAnswers(locationOf(away)))
          expect(new URL(locationOf(entered), SHOP).origin).toBe(SHOP)
        })
        await fc.assert(kept, { numRuns: 40 })
      }
    },
  },
  {
    name: 'failure mode 27: the host that a visitor names is not taken',
    async walk({ open, visitor }) {
      const shop = await open()
      for (const host of ['evil.example', 'shop.example.', 'SHOP.EXAMPLE:443', 'evil.example:80']) {
        const away = await visitor(shop).go(`https://${host}/sale`)
        expect(new URL(locationOf(away)).searchParams.get('to')).toBe(`${SHOP}/sale`)
      }
    },
  },
  {
    name: 'failure modes 28 and 51: a gate that is off or open says so, and signs nothing',
    async walk({ open, visitor, setNow }) {
      for (const mode of ['off', { openUntilMs: NOW_MS + 1_000 }] as const) {
        const shop = await open({ mode })
        const link = await visitor(await open()).sent()
        for (const url of [`${SHOP}/sale`, link]) {
          const answer = await visitor(shop).go(url)
          expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []])
          expect(await answer.json()).toMatchObject({ via: mode === 'off' ? 'off' : 'open' })
        }
      }
      const shop = await open({ mode: { openUntilMs: NOW_MS + 1_000 } })
      setNow(NOW_MS + 1_000)
      expect(isRoom(await visitor(shop).go(`${SHOP}/sale`))).toBe(true)
      for (const openUntilMs of [Number.POSITIVE_INFINITY, Number.NaN]) {
        await expect(open({ mode: { openUntilMs } })).rejects.toThrow(/mode: /)
      }
    },
  },
  {
    name: 'failure mode 29: after a restart, and at another instance, sessions are good',
    async walk({ open, visitor }) {
      const [one, other] = [await open(), await open()]
      const someone = visitor(one)
      await someone.enter()
      const elsewhere = visitor(other)
      for (const [name, cookie] of someone.jar) elsewhere.jar.set(name, cookie)
      expect((await elsewhere.go(`${SHOP}/sale`)).status).toBe(200)
    },
  },
  {
    name: 'failure mode 30: keys rotate while it runs: nobody is lost, and then the old one is over',
    async walk({ open, visitor }) {
      const [k1, k2] = [key('k1', 1), key('k2', 2)]
      let keys = [k1]
      const shop = await open({ keys: () => keys })
      const early = visitor(shop)
      await early.enter()
      const late = visitor(shop)
      const link = await late.sent(undefined, { keys: [k1] })
      keys = [k2, k1]
      expect((await early.go(`${SHOP}/sale`)).status).toBe(200)
      await late.go(link)
      keys = [k2]
      expect((await late.go(`${SHOP}/sale`)).status).toBe(200)
      expect(isRoom(await early.go(`${SHOP}/sale`))).toBe(true)
    },
  },
  {
    name: 'failure mode 31: the pass that opened a session is no session',
    async walk({ open, visitor }) {
      const shop = await open()
      const someone = visitor(shop)
      const pass = new URL(await someone.sent()).searchParams.get(PASS_PARAMETER) ?? ''
      someone.jar.set('antichambre-demo', { value: pass, endsAtMs: NOW_MS + 1 })
      expect(isRoom(await someone.go(`${SHOP}/sale`))).toBe(true)
    },
  },
  {
    name: 'failure mode 32: a bypass ends where it ends',
    async walk({ open, visitor }) {
      const shop = await open({ bypass: ['/open', '/assets/*'] })
      const statuses = async (paths: readonly string[]) =>
        Promise.all(paths.map(async path => (await visitor(shop).go(`${SHOP}${path}`)).status))
      expect(await statuses(['/open', '/assets/a', '/assets/b/c.css'])).toEqual([200, 200, 200])
      const beside = ['/opened', '/open.html', '/open/x', '/assets', '/assetsx', '/x/open']
      expect(new Set(await statuses(beside))).toEqual(new Set([302]))
    },
  },
  {
    name: 'failure mode 33: no request of a session is answered by a new cookie',
    async walk({ open, visitor, setNow }) {
      const shop = await open()
      const someone = visitor(shop)
      await someone.enter()
      for (const nowMs of [NOW_MS, NOW_MS + 450_000, NOW_MS + 899_999]) {
        setNow(nowMs)
        for (const method of ['GET', 'POST', 'HEAD']) {
          const answer = await someone.go(`${SHOP}/sale`, method)
          expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []])
        }
      }
      const { value = '' } = someone.jar.get('antichambre-demo') ?? {}
      setNow(NOW_MS + 900_000)
      const late = visitor(shop)
      late.jar.set('antichambre-demo', { value, endsAtMs: NOW_MS + 9e6 })
      expect(sessionLines(await late.go(`${SHOP}/sale`))).toEqual([])
    },
  },
  {
    name: 'failure mode 34: foreign cookies, two of a name and a megabyte of them break nothing',
    async walk({ open, visitor }) {
      const shop = await open()
      const someone = visitor(shop)
      const entered = await someone.enter()
      expect(sessionLines(entered)[0]).toContain('SameSite=Lax')
      const session = `antichambre-demo=${someone.jar.get('antichambre-demo')?.value}`
      const foreign = ['%E0%A4%A=%zz; =;', 'antichambre-demo=forged', '"', 'a=b=c; __proto__=1']
      for (const text of foreign) {
        for (const cookie of [`${text}; ${session}`, `${session}; ${text}`]) {
          const answer = await someone.go(`${SHOP}/sale`, 'GET', { ...PERSON, cookie })
          expect(answer.status, cookie).toBe(200)
        }
      }
      const much = `${session}; x=${'y'.repeat(1_000_000)}`
      const answer = await someone.go(`${SHOP}/sale`, 'GET', { ...PERSON, cookie: much })
      expect(answer.status).toBe(200)
    },
  },
  {
    name: 'failure mode 35: a gate and a room whose keys differ stop sending a visitor round',
    async walk({ open, visitor }) {
      const shop = await open()
      const someone = visitor(shop)
      let answer = await someone.go(`${SHOP}/sale`)
      let rounds = 0
      while (answer.status === 302) {
        rounds += 1
        expect(rounds).toBeLessThanOrEqual(REFUSALS_MAX)
        answer = await someone.go(roomAnswers(locationOf(answer), { keys: [key('k1', 9)] }))
      }
      expect(answer.status).toBe(503)
      expect(await answer.text()).toContain('fault of this site')
    },
  },
  {
    name: 'failure mode 36: an empty list of rules, an empty rule and one that frees all are refused',
    async walk({ open, visitor }) {
      await expect(open({ protect: [] })).rejects.toThrow(/protect: /)
      await expect(open({ protect: [''] })).rejects.toThrow(/protect: /)
      await expect(open({ bypass: [''] })).rejects.toThrow(/bypass: /)
      await expect(open({ bypass: ['/*'] })).rejects.toThrow(/bypass: /)
      expect(isRoom(await visitor(await open()).go(`${SHOP}/`))).toBe(true)
    },
  },
  {
    name: 'failure modes 36 and 51: a gate whose keys cannot be had lets nobody through, and says so',
    async walk({ open, visitor }) {
      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      onTestFinished(() => log.mockRestore())
      let fails = false
      const keys = () => (fails ? [] : options.keys)
      const shop = await open({ keys })
      const someone = visitor(shop)
      await someone.enter()
      fails = true
      const answer = await someone.go(`${SHOP}/sale`)
      expect(answer.status).toBeGreaterThanOrEqual(500)
      expect(shop.reached).toEqual([])
      expect(log).toHaveBeenCalledOnce()
    },
  },
  {
    name: 'a form without a session is answered by a page that says so, and nothing of it is done',
    async walk({ open }) {
      const shop = await open()
      const answer = await shop.ask({
        method: 'POST',
        url: `${SHOP}/buy`,
        headers: { ...PERSON, 'content-type': 'application/x-www-form-urlencoded' },
        body: `car=1&note=${'x'.repeat(200_000)}`,
      })
      expect(answer.status).toBe(401)
      const page = await answer.text()
      expect(page).toContain('Nothing was done')
      expect(page).toContain('href="https://wait.example/r/demo?')
      expect(shop.reached).toEqual([])
    },
  },
  {
    name: 'HEAD is answered like GET, without a body, and PROPFIND like any form',
    async walk({ open, visitor }) {
      const shop = await open()
      const head = await visitor(shop).go(`${SHOP}/sale`, 'HEAD')
      expect([isRoom(head), await head.text()]).toEqual([true, ''])
      const script = { accept: 'application/json' }
      const refused = await visitor(shop).go(`${SHOP}/api`, 'HEAD', script)
      expect([refused.status, await refused.text()]).toEqual([401, ''])
      expect((await visitor(shop).go(`${SHOP}/sale`, 'PROPFIND')).status).toBe(401)
      expect(shop.reached).toEqual([])
    },
  },
]
