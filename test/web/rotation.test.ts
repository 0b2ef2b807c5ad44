/**
 * Keys rotate in the middle of a sale: a second key is added, every instance and every gate learns of
 * it, and only then it signs. Whoever came before, meanwhile or after walks in, once each.
 */
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { cookieNames } from '../../lib/gate/decision/cookies.ts'
import { type GateEnv, gate } from '../../lib/gate/hono.ts'
import { createFreshKeys, KEYS_FRESH_MS } from '../../lib/keys/fresh-keys.ts'
import { createKeyRing } from '../../lib/keys/key-ring.ts'
import { placeIn } from '../../lib/queue/cohort/place.ts'
import { signInvitation } from '../../lib/queue/tokens/invitation.ts'
import { SIGNATURE_HEADER, signMessage } from '../../lib/queue/tokens/showroom-signature.ts'
import type { SigningKey } from '../../lib/queue/tokens/token.ts'
import { admit } from '../../lib/service/admission/admit.ts'
import { operatorApp } from '../../lib/web/operator-app.ts'
import { visitorApp } from '../../lib/web/visitor-app.ts'
import { codeOf, createVisitor, createWorld, request, SHOWROOM } from '../support/world.ts'

const K1 = 'm'.repeat(48)
const K2 = 'n'.repeat(48)
/** The secret before the rotation, once the new key is known, and once it signs. */
const SECRETS = {
  before: JSON.stringify({ current: 'k1', k1: K1 }),
  known: JSON.stringify({ current: 'k1', k1: K1, k2: K2 }),
  signing: JSON.stringify({ current: 'k2', k1: K1, k2: K2 }),
}
const MINUTE = 60_000

type Browser = ReturnType<typeof createVisitor>

/** A world whose instances read the secret as deployed ones do. */
async function rotating() {
  const world = await createWorld()
  let secret = SECRETS.before
  const instance = async () => {
    const { ring, refresh } = await createFreshKeys(async () => secret, world.now)
    const deps = { ...world, keys: ring }
    return { deps, visitors: visitorApp(deps), operators: operatorApp(deps), refresh, ring }
  }
  type Instance = Awaited<ReturnType<typeof instance>>
  const instances: Instance[] = []
  const start = async () => {
    const started = await instance()
    instances.push(started)
    return started
  }
  const first = await start()
  const tick = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      world.pass(1_000)
      const any = instances[second % instances.length] ?? first
      await admit(any.deps, 'demo')
    }
  }
  return {
    world,
    first,
    instances,
    start,
    tick,
    /** A step of the rotation, and the time until every instance has read it. */
    async turn(to: keyof typeof SECRETS) {
      secret = SECRETS[to]
      world.pass(KEYS_FRESH_MS)
      for (const { refresh } of instances) await refresh()
      await tick(1)
    },
    say(next: keyof typeof SECRETS) {
      secret = SECRETS[next]
    },
  }
}

const operate = (operators: Hono, token: string, method: string, path: string, body: object) =>
  request(operators, `/operator/api/rooms${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** A showroom whose gate knows these keys. */
function shopWith(keys: () => readonly SigningKey[], now: () => number) {
  const shop = new Hono<GateEnv>()
  shop.use(gate({ room: 'demo', roomUrl: 'https://wait.example', keys, now }))
  shop.get('*', c => c.text('in'))
  return shop
}

/** A browser that the gate has sent to the room: the nonce in the address, and its cookie. */
async function sentAway(shop: Hono<GateEnv>) {
  const answer = await shop.request(SHOWROOM, { headers: { accept: 'text/html' } })
  const nonce = new URL(answer.headers.get('location') ?? '').searchParams.get('nonce')
  const cookie = answer.headers.getSetCookie().map(line => line.split(';')[0])
  return { nonce, cookie: cookie.join('; ') }
}

/** From the pass in the address to the session's cookie; undefined when the gate does not take it. */
async function walkIn(shop: Hono<GateEnv>, cookie: string, location: unknown) {
  const headers = { accept: 'text/html', cookie }
  const answer = await shop.request(String(location), { headers })
  const cookies = answer.headers.getSetCookie().map(line => line.split(';')[0] ?? '')
  return cookies.find(pair => pair.startsWith(`${cookieNames.session('demo')}=`))
}

describe('failure mode 30: a rotation in the middle of a sale', () => {
  test('loses nobody: all who ever joined walk in once, whichever key signed what they hold', async () => {
    const { world, first, instances, start, tick, turn } = await rotating()
    const limits = { ratePerMinute: 600, stock: 100 }
    // Turns and sessions outlast the rotation, which takes ten minutes at least.
    const put = { showroomUrl: SHOWROOM, ...limits, turnSeconds: 1_800, sessionSeconds: 3_600 }
    const made = await operate(first.operators, first.ring.operatorToken, 'PUT', '/demo', put)
    expect(made.status).toBe(201)
    await tick(3)
    const oldToken = first.ring.operatorToken
    const gateKeys = () => instances.at(-1)?.ring.gateKeys('demo') ?? []
    const shop = shopWith(gateKeys, world.now)

    const joined: { browser: Browser; commitment: unknown }[] = []
    const joinAt = async (at: number) => {
      const browser = createVisitor(instances[at]?.visitors ?? first.visitors)
      const answer = await browser.post('/tickets')
      expect(answer.status).toBe(201)
      joined.push({ browser, commitment: answer.body.commitment })
    }
    /** Any instance answers anybody: browsers keep their cookies and go to another one. */
    const elsewhere = (browser: Browser, at: number) => {
      const other = createVisitor(instances[at]?.visitors ?? first.visitors)
      for (const [name, value] of browser.jar) other.jar.set(name, value)
      return other
    }

    await joinAt(0)
    await joinAt(0)
    await tick(10)
    const [early] = joined
    const away = await sentAway(shop)
    const earlyPass = await early?.browser.post('/passes', { nonce: away.nonce })
    const earlySession = await walkIn(shop, away.cookie, earlyPass?.body.location)
    expect(earlySession).toBeDefined()

    await turn('known')
    await start()
    await joinAt(0)
    await joinAt(1)
    await turn('signing')
    await start()
    await joinAt(0)
    await joinAt(2)
    await tick(20)

    const sessions = new Set<string>()
    for (const [index, { browser }] of joined.entries()) {
      if (index === 0) continue
      for (const at of [0, 1, 2]) {
        expect((await elsewhere(browser, at).get('/place')).body.status).toBe('admitted')
      }
      const { nonce, cookie } = await sentAway(shop)
      const taken = await elsewhere(browser, index % 3).post('/passes', { nonce })
      expect(taken.status).toBe(200)
      sessions.add((await walkIn(shop, cookie, taken.body.location)) ?? '')
    }
    expect([sessions.size, sessions.has('')]).toEqual([joined.length - 1, false])

    const stays = await shop.request(SHOWROOM, { headers: { cookie: earlySession ?? '' } })
    expect(await stays.text()).toBe('in')
    const house = await world.houseOf('demo')
    expect(house.entered).toBe(joined.length)

    // The sale began with k1, and its draws go on with it: what tickets promised is kept.
    expect((await world.stateOf('demo')).drawKeyId).toBe('k1')
    for (const { browser, commitment } of joined) {
      const { cohort, shard, index } = (await browser.get('/ticket')).body as Record<string, number>
      const record = await world.store.loadRecord('demo', cohort ?? 0)
      expect(record?.commitment).toBe(commitment)
      const { place } = (await browser.get('/place')).body
      expect(place).toBe(record && placeIn(record, shard ?? 0, index ?? 0))
    }
    expect(instances.map(({ ring }) => ring.isOperatorToken(oldToken))).toEqual(
      instances.map(() => false),
    )
  })

  test('believes a showroom that still signs with the old gate key, and counts once', async () => {
    const { world, first, tick, turn } = await rotating()
    await operate(first.operators, first.ring.operatorToken, 'PUT', '/demo', {
      showroomUrl: SHOWROOM,
      stock: 5,
    })
    await tick(3)
    const browser = createVisitor(first.visitors)
    await browser.post('/tickets')
    await tick(5)
    expect((await browser.post('/passes')).status).toBe(200)
    const { id } = (await browser.get('/ticket')).body
    const oldKey = first.ring.gateKeys('demo')[0] as SigningKey
    await turn('known')
    await turn('signing')
    const body = JSON.stringify([{ ticket: id, reason: 'bought' }])
    for (const key of [oldKey, first.ring.gateKeys('demo')[0] as SigningKey]) {
      const told = await request(first.visitors, '/r/demo/departures', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [SIGNATURE_HEADER]: signMessage('departures', 'demo', body, key),
        },
        body,
      })
      expect(told.status).toBe(202)
    }
    await world.hear()
    await tick(2)
    expect((await world.stateOf('demo')).bought).toBe(1)
  })

  test('takes invitations of both keys', async () => {
    const { world, first, tick, turn } = await rotating()
    await operate(first.operators, first.ring.operatorToken, 'PUT', '/demo', {
      showroomUrl: SHOWROOM,
      groups: [{ name: 'members', sharePercent: 20 }],
    })
    await tick(2)
    const inviteWith = (key: SigningKey) => {
      const expiresAtMs = world.now() + 60 * MINUTE
      const facts = { room: 'demo', group: 'members', id: randomUUID(), expiresAtMs }
      return signInvitation(facts, world.now(), key)
    }
    const old = inviteWith(first.ring.invitationKeys[0] as SigningKey)
    await turn('known')
    await turn('signing')
    for (const invitation of [old, inviteWith(first.ring.invitationKeys[0] as SigningKey)]) {
      const guest = createVisitor(first.visitors, 'demo~members')
      expect((await guest.post('/tickets', { invitation })).status).toBe(201)
    }
  })

  test('draws of the next sale are made with the new key', async () => {
    const { world, first, tick, turn } = await rotating()
    const put = () =>
      operate(first.operators, first.ring.operatorToken, 'PUT', '/demo', { showroomUrl: SHOWROOM })
    await put()
    await turn('known')
    await turn('signing')
    await operate(first.operators, first.ring.operatorToken, 'POST', '/demo/end', {})
    await put()
    await tick(2)
    expect((await world.stateOf('demo')).drawKeyId).toBe('k2')
    expect((await createVisitor(first.visitors).post('/tickets')).status).toBe(201)
  })
})

describe('why it takes two steps', () => {
  test('an instance that has not heard of a key yet refuses what it signed', async () => {
    const { world, first, start, tick, say } = await rotating()
    await operate(first.operators, first.ring.operatorToken, 'PUT', '/demo', {
      showroomUrl: SHOWROOM,
    })
    await tick(2)
    say('signing')
    const second = await start()
    const hasty = createVisitor(second.visitors)
    expect((await hasty.post('/tickets')).status).toBe(201)
    const old = createVisitor(first.visitors)
    for (const [name, value] of hasty.jar) old.jar.set(name, value)
    expect(codeOf(await old.get('/place'))).toBe('bad-ticket')
    world.pass(KEYS_FRESH_MS)
    await first.refresh()
    expect((await old.get('/place')).status).toBe(200)
  })

  test('a gate that has not heard of a key yet sends its passes back, and takes them once it has', async () => {
    const { world } = await rotating()
    const ringOf = (secret: string) => createKeyRing(secret).gateKeys('demo')
    const deps = { ...world, keys: createKeyRing(SECRETS.signing) }
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    await world.run('demo', 2)
    // The world's own draw key stays: only passes are signed anew here.
    const browser = createVisitor(visitorApp(deps))
    await browser.post('/tickets')
    await world.run('demo', 5)
    let known = ringOf(SECRETS.before)
    const shop = shopWith(() => known, world.now)
    const { nonce, cookie } = await sentAway(shop)
    const { body } = await browser.post('/passes', { nonce })
    expect(await walkIn(shop, cookie, body.location)).toBeUndefined()
    known = ringOf(SECRETS.known)
    expect(await walkIn(shop, cookie, body.location)).toBeDefined()
  })
})
