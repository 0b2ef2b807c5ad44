/** What there is besides the way of a visitor, once, through the bundles. */
import { expect } from 'vitest'
import { ALARM_ARN, WATCHED_ROOM as ROOM } from '../../bench/functions/bundles.ts'
import { knowledgeOf } from '../../lib/queue/room/knowledge.ts'
import { eventually } from '../support/process.ts'
import { type Around, locationOf, statusOf } from './around.ts'

export async function walkBesides(around: Around): Promise<void> {
  await tellStock(around)
  await goThrough(around)
  await joinByInvitation(around)
  await wakeUp(around)
  await suffer(around)
  await close(around)
}

/** A showroom that counts for itself says what is left. */
async function tellStock(around: Around): Promise<void> {
  const { operate, say, shop } = around
  expect(await shop.departures.stock(40)).toEqual({ status: 'accepted' })
  await eventually(
    () => statusOf(around),
    status => status.stock === 40,
  )
  const { entries } = (await operate('GET', `/${ROOM}/history`)).json
  const kinds: string[] = entries.map((entry: { kind: string }) => entry.kind)
  // The minutes are there when one was over.
  const acts = kinds.filter(kind => kind !== 'minute').reverse()
  expect(acts).toEqual(['made', 'changed', 'pause', 'resume', 'open', 'changed'])
  say(`It says that 40 are left, and the history tells ${entries.length} things so far.`)
}

/** A room that nobody notices: one redirect there, and one back. */
async function goThrough({ cloud, operate, say, newBrowser, keepSecret, shop }: Around) {
  const config = { showroomUrl: `${shop.url}/`, mode: 'auto', batchSeconds: 1, capacity: 50 }
  await operate('PUT', '/quiet', config)
  const url = `${cloud.roomUrl}/r/quiet/through?nonce=${'n'.repeat(43)}`
  const location = await eventually(
    async () => locationOf(await newBrowser().open(url)),
    way => way.startsWith(shop.url),
  )
  keepSecret(new URL(location).search)
  await operate('POST', '/quiet/end', {})
  await operate('DELETE', '/quiet')
  const { json } = await cloud.network.request(`${cloud.roomUrl}/r/quiet/status`)
  expect(['room-ended', 'unknown-room', undefined]).toContain(json.error?.code)
  say('A room in mode auto lets people straight through; it is ended, and taken away.')
}

async function joinByInvitation({ operate, say, at, newBrowser, keepSecret }: Around) {
  const made = await operate('POST', `/${ROOM}/invitations`, { group: 'members' })
  const [{ token }] = made.json.invitations
  keepSecret(token)
  const address = at('~members/tickets')
  const guest = { invitation: token, holder: 'h'.repeat(22) }
  const joined = await newBrowser().post(address, guest)
  expect(joined.status).toBe(201)
  keepSecret(joined.json.ticket)
  const stranger = await newBrowser().post(address, { ...guest, holder: 's'.repeat(22) })
  expect(stranger.json.error.code).toBe('invitation-used')
  say(`A guest joins the line of the members by an invitation, which serves nobody else.`)
}

/** Nobody is left, and the clock forgets the room; the next visitor is let in all the same. */
async function wakeUp({ cloud, operate, store, shop, say, newBrowser }: Around): Promise<void> {
  const opensAt = new Date().toISOString()
  await operate('PUT', '/night', { showroomUrl: `${shop.url}/`, opensAt, batchSeconds: 1 })
  // The night goes by: its state says that it sleeps, as ticks of a room without people leave it.
  await eventually(
    async () => {
      const room = await store.loadRoom('night', { consistent: true })
      if (room === undefined || room.state.openedAtMs === null) return false
      return store.saveState('night', { ...room.state, sleepsAtMs: Date.now() - 60_000 })
    },
    isSaved => isSaved,
  )
  const asleep = await store.loadRoom('night', { consistent: true })
  if (asleep === undefined) throw new Error('the room was made')
  await store.setWake('night', null, knowledgeOf(asleep))
  const isAwake = async () =>
    (await store.listRooms()).some(({ room, wakesAtMs }) => room === 'night' && wakesAtMs !== null)
  const address = `${cloud.roomUrl}/r/night`
  const browser = newBrowser()
  expect((await browser.post(`${address}/tickets`)).status).toBe(201)
  const told = await eventually(
    () => browser.open(`${address}/place`),
    ({ json }) => json.status === 'admitted',
  )
  expect([told.json.place, await isAwake()]).toEqual([1, true])
  say('A visitor comes to a room that sleeps: it wakes by itself, and they are let in.')
}

/** The showroom's own alarm goes on and off. */
async function suffer({ cloud, store, say }: Around): Promise<void> {
  const isBad = async () => (await store.loadRoom(ROOM, { consistent: true }))?.state.health?.isBad
  for (const [value, bad] of [
    ['ALARM', true],
    ['OK', false],
  ] as const) {
    const heard = await cloud.happen({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      resources: [ALARM_ARN],
      detail: { alarmName: 'ShopIsSlow', state: { value, timestamp: new Date().toISOString() } },
    })
    expect(heard).toEqual([{ status: 'answered', payload: null }])
    expect(await isBad()).toBe(bad)
  }
  const others = await cloud.happen({
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [`${ALARM_ARN}-of-others`],
    detail: { state: { value: 'ALARM' } },
  })
  expect(others).toEqual([])
  say("The showroom's alarm slows its room down, and is over; other alarms reach nobody.")
}

async function close({ cloud, operate, at, say, newBrowser }: Around): Promise<void> {
  await operate('POST', `/${ROOM}/let-in`, { places: 1 })
  await operate('POST', `/${ROOM}/health`, { latencyMs: 100, errorRate: 0 })
  await operate('POST', `/${ROOM}/end`, {})
  const ended = await eventually(
    () => newBrowser().post(at('/tickets'), {}),
    ({ json }) => json.error !== undefined,
  )
  expect(ended.json.error.code).toBe('room-ended')
  expect(await cloud.minute()).toEqual([{ status: 'answered', payload: null }])
  say('The operator ends the sale: nobody joins any more.')
}
