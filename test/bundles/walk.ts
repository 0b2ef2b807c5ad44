/**
 * The way from showroom to showroom, and everything around it, once, through the bundles. Each part ends
 * with a sentence for whoever reads what `npm test` prints.
 */
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { expect, vi } from 'vitest'
import { WATCHED_ROOM as ROOM } from '../../bench/functions/bundles.ts'
import { type Api, createApi } from '../../lib/page/browser/api.ts'
import { type CohortRecord, keepsCommitment, placeIn } from '../../lib/queue/cohort/place.ts'
import type { Cloud } from '../support/cloud/cloud.ts'
import { type Browser, withHash } from '../support/cloud/network.ts'
import { eventually } from '../support/process.ts'
import { type Around, CARS, locationOf, statusOf } from './around.ts'
import { walkBesides } from './walk-besides.ts'

interface Visitor {
  readonly browser: Browser
  /** What the gate put into the address of the room. */
  readonly to: string
  readonly nonce: string
  readonly id: string
  readonly cohort: number
  readonly shard: number
  readonly index: number
  readonly commitment: string
}

const VISITORS = 6

export async function walk(around: Around): Promise<void> {
  await makeRoom(around)
  const visitors = await arrive(around)
  await readTogether(around)
  await open(around)
  await checkDraw(around, visitors)
  const [buyer, browser] = visitors
  if (buyer === undefined || browser === undefined) throw new Error('nobody came')
  await enterAndBuy(around, buyer)
  await enterAtTheEdge(around, browser)
  await walkBesides(around)
}

async function makeRoom({ cloud, operate, say, shop, edgeShop }: Around): Promise<void> {
  const { network, roomUrl, keys } = cloud
  const address = `${roomUrl}/operator/api/rooms/${ROOM}`
  const config = {
    showroomUrl: `${shop.url}/`,
    allowedOrigins: [shop.url, edgeShop.url],
    opensAt: null,
    ratePerMinute: 600,
    capacity: 200,
    stock: CARS,
    batchSeconds: 1,
    arrivalWindowSeconds: 1,
    groups: [{ name: 'members', sharePercent: 20 }],
  }
  const put = (headers: Record<string, string>) =>
    network.request(address, withHash({ method: 'PUT', body: config, headers }))
  const authorization = `Bearer ${keys.operatorToken}`
  expect((await put({})).status).toBe(401)
  expect((await put({ 'x-viewer-authorization': authorization })).status).toBe(401)
  // The origin's signature covers the body, whose hash only its sender can give.
  const unsigned = await put({ authorization, 'x-amz-content-sha256': '0'.repeat(64) })
  expect([unsigned.status, unsigned.text]).toEqual([403, 'InvalidSignatureException'])
  expect((await put({ authorization })).status).toBe(201)
  await operate('PATCH', `/${ROOM}`, { message: 'Soon' })
  await operate('POST', `/${ROOM}/pause`, {})
  await operate('POST', `/${ROOM}/resume`, {})
  const { json } = await operate('GET', '')
  expect(json.rooms).toMatchObject([{ room: ROOM, phase: 'gathering' }])
  say(`The operator makes the room "${ROOM}"; without the token, or an unsigned body, nobody does.`)
}

async function arrive(around: Around): Promise<Visitor[]> {
  const visitors: Visitor[] = []
  for (let count = 0; count < VISITORS; count++) visitors.push(await joinOne(around, count))
  expect(new Set(visitors.map(({ id }) => id)).size).toBe(VISITORS)
  around.say(
    `${VISITORS} visitors come to the showrooms, are sent to the room by the gates, get its page from the bucket, and join.`,
  )
  return visitors
}

/** The waiting page's own requests, made by this browser. */
async function asPage<Told>(browser: Browser, base: string, run: (api: Api) => Promise<Told>) {
  vi.stubGlobal('fetch', browser.fetch)
  try {
    return await run(createApi(base))
  } finally {
    vi.unstubAllGlobals()
  }
}

async function joinOne(around: Around, count: number): Promise<Visitor> {
  const browser = around.newBrowser()
  const { shop, edgeShop, at, cloud } = around
  const came = await browser.open(`${count === 1 ? edgeShop.url : shop.url}/?from=letter`)
  const sentTo = new URL(locationOf(came))
  const { to = '', nonce = '' } = Object.fromEntries(sentTo.searchParams)
  around.keepSecret(nonce, sentTo.search, 'from=letter')

  const page = await browser.open(sentTo.href)
  expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'public, max-age=60'])
  const files = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(found => found[1])
  expect(files.length).toBeGreaterThanOrEqual(3)
  for (const file of files) {
    const asset = await browser.open(`${cloud.roomUrl}${file}`)
    expect([file, asset.status]).toEqual([file, 200])
    expect(asset.headers.get('cache-control')).toContain('immutable')
    if (count > 0) expect(asset.headers.get('x-cache')).toBe('Hit from cloudfront')
  }
  expect((await browser.open(at('/ticket'))).json.error.code).toBe('no-ticket')
  const joined = await asPage(browser, at(''), api => api.join(1))
  if (joined.type !== 'joined') throw new Error(`the page was told ${JSON.stringify(joined)}`)
  const again = await browser.post(at('/tickets'), { attempt: 2 })
  expect([again.status, again.json.id]).toEqual([200, joined.ticket.id])
  around.keepSecret(again.json.ticket)
  return { browser, to, nonce, ...joined.ticket }
}

/** Whoever waits reads what is the same for all: the function answers once a second, however many ask. */
async function readTogether({ cloud, at, say }: Around): Promise<void> {
  const before = cloud.lambda.invocations('Visitor')
  const startedMs = Date.now()
  const addresses = Array.from({ length: 100 }, (_, count) => `${at('/status')}?bust=${count}`)
  const answers = await Promise.all(addresses.map(url => cloud.network.request(url)))
  const asked = cloud.lambda.invocations('Visitor') - before
  for (const { status, json } of answers) expect([status, json.room]).toEqual([200, ROOM])
  expect(asked).toBeLessThanOrEqual(1 + Math.ceil((Date.now() - startedMs) / 1000))
  say(`100 statuses are read at once, and the visitor function answers ${asked} of them.`)
}

async function open(around: Around): Promise<void> {
  const { cloud, operate, say } = around
  await operate('POST', `/${ROOM}/open`, {})
  expect(await cloud.minute()).toEqual([{ status: 'answered', payload: null }])
  const { front } = await eventually(
    () => statusOf(around),
    status => status.tail >= VISITORS && status.front === status.tail,
  )
  say(`The operator opens, the clock sends ticks, admit takes them from the queue: front ${front}.`)
}

async function checkDraw({ cloud, at, say }: Around, visitors: readonly Visitor[]): Promise<void> {
  const { json, headers } = await cloud.network.request(at('/cohorts/0'))
  const record: CohortRecord = json
  expect(headers.get('cache-control')).toContain('immutable')
  const places = visitors.map(({ shard, index }) => placeIn(record, shard, index))
  expect(new Set(places).size).toBe(VISITORS)
  for (const [at_, { browser, commitment }] of visitors.entries()) {
    expect(keepsCommitment(record, commitment)).toBe(true)
    const told = (await browser.open(at('/place'))).json
    expect(told).toMatchObject({ status: 'admitted', place: places[at_] })
  }
  say(`Each checks the seed and computes the place that the room tells: ${places.join(', ')}.`)
}

async function takeTurn(around: Around, { browser, to, nonce }: Visitor): Promise<string> {
  const told = await asPage(browser, around.at(''), api => api.pass(nonce, to))
  if (told.type !== 'pass') throw new Error(`the page was told ${JSON.stringify(told)}`)
  const { search, searchParams } = new URL(told.location)
  around.keepSecret(search, searchParams.get('antichambre') ?? '')
  return told.location
}

async function enterAndBuy(around: Around, visitor: Visitor): Promise<void> {
  const { shop, say, store, newBrowser } = around
  const { browser, id } = visitor
  const location = await takeTurn(around, visitor)
  // The pass is bound to the browser that the gate sent.
  expect(locationOf(await newBrowser().open(location))).toContain('/r/')
  const entered = await browser.open(location)
  expect(locationOf(entered)).toBe(`${shop.url}/?from=letter`)
  const inside = await browser.open(locationOf(entered))
  expect([inside.status, inside.text]).toEqual([200, expect.stringContaining(`${CARS}`)])
  // A lost answer: the same turn, taken again, enters nobody twice.
  await takeTurn(around, visitor)
  say(`Visitor ${id} takes the turn, walks through the gate in Node, and is inside.`)

  expect((await browser.post(`${shop.url}/buy`, '')).status).toBe(303)
  expect(await Promise.all(shop.told)).toEqual([{ status: 'accepted' }])
  const house = await eventually(
    () => store.loadHouse(ROOM, 0),
    ({ bought }) => bought === 1,
  )
  expect(house).toMatchObject({ entered: 1, gone: 1 })
  const { stock } = await eventually(
    () => statusOf(around),
    status => status.stock === CARS - 1,
  )
  say(`They buy; the showroom says so by HTTP, the departures function counts it: ${stock} left.`)
}

async function enterAtTheEdge(around: Around, visitor: Visitor): Promise<void> {
  const { cloud, edgeShop, say, store } = around
  const { browser, id } = visitor
  const entered = await browser.open(await takeTurn(around, visitor))
  expect(locationOf(entered)).toBe(`${edgeShop.url}/?from=letter`)
  expect((await browser.open(locationOf(entered))).text).toBe(`A page for ${id}`)
  say(`Visitor ${id} takes the turn, walks through the function at the edge, and is inside.`)

  const word = { room: ROOM, departures: [{ ticket: id, reason: 'left' }] }
  for (const _ of ['once', 'and again']) await sendDeparture(cloud, JSON.stringify(word))
  const house = await eventually(
    () => store.loadHouse(ROOM, 0),
    ({ left }) => left === 1,
  )
  expect(house).toMatchObject({ entered: 2, gone: 2, bought: 1, left: 1 })
  // A tick takes it up, and writes the numbers of it.
  await eventually(
    async () => (await store.loadRoom(ROOM, { consistent: true }))?.state,
    state => state?.left === 1,
  )
  say(`They leave; the showroom says so twice straight to the queue, and it counts once.`)
}

/** A message of a showroom inside the account. */
async function sendDeparture(cloud: Cloud, MessageBody: string): Promise<void> {
  const QueueUrl = cloud.deployment.template.at('WaitingRoom/Queues/Departures').ref
  await cloud.services.admin.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))
}
