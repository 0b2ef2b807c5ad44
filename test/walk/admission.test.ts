/** Admission, as a showroom and its visitors meet it by HTTP from outside. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createKeyRing } from '../../lib/keys/key-ring.ts'
import { SIGNATURE_HEADER, signMessage } from '../../lib/queue/tokens/showroom-signature.ts'
import { eventually, type Running, startProcess } from '../support/process.ts'

const MASTER_SECRET = JSON.stringify({ current: 'k1', k1: 'w'.repeat(48) })
const keys = createKeyRing(MASTER_SECRET)

interface Ticket {
  ticket: string
  id: string
}

function start(dataDir?: string): Promise<Running> {
  const kept = dataDir === undefined ? {} : { DATA_DIR: dataDir }
  return startProcess({ ...kept, OPERATOR_TOKEN: 't', MASTER_SECRET })
}

const read = async (running: Running, path: string) => {
  const answer = await fetch(`${running.roomUrl}${path}`)
  return (await answer.json()) as Record<string, unknown>
}

async function operate(running: Running, method: string, path: string, body: object) {
  const answer = await fetch(`${running.roomUrl}/operator/api/rooms/${path}`, {
    method,
    headers: { authorization: `Bearer ${running.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function joinRoom(running: Running, room: string): Promise<Ticket> {
  const answer = await fetch(`${running.roomUrl}/r/${room}/tickets`, { method: 'POST' })
  expect(answer.status).toBe(201)
  return (await answer.json()) as Ticket
}

async function claim(running: Running, room: string, { ticket }: Ticket): Promise<number> {
  const answer = await fetch(`${running.roomUrl}/r/${room}/passes`, {
    method: 'POST',
    headers: { cookie: `antichambre.ticket=${ticket}` },
  })
  await answer.arrayBuffer()
  return answer.status
}

async function depart(running: Running, room: string, tickets: readonly Ticket[]): Promise<void> {
  const body = JSON.stringify(tickets.map(({ id }) => ({ ticket: id, reason: 'left' })))
  const [key] = keys.gateKeys(room)
  if (key === undefined) throw new Error('no key')
  const answer = await fetch(`${running.roomUrl}/r/${room}/departures`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: signMessage('departures', room, body, key),
    },
    body,
  })
  expect(answer.status).toBe(202)
}

/** Visitors who walk in at their turn, stay a moment, and leave: never more than `capacity` at once. */
function createShop(running: Running, room: string, capacity: number) {
  const inside: Ticket[] = []
  let [entered, most] = [0, 0]
  return {
    entered: () => entered,
    most: () => most,
    /** Everybody asks once; whoever gets in counts from the answer on. */
    async claimAll(waiting: Ticket[]): Promise<Ticket[]> {
      const outcomes = await Promise.all(
        waiting.map(async one => ({ one, status: await claim(running, room, one) })),
      )
      const gotIn = outcomes.filter(({ status }) => status === 200).map(({ one }) => one)
      for (const { status } of outcomes) expect([200, 425]).toContain(status)
      inside.push(...gotIn)
      entered += gotIn.length
      most = Math.max(most, inside.length)
      expect(inside.length).toBeLessThanOrEqual(capacity)
      return waiting.filter(one => !gotIn.includes(one))
    },
    /** Nobody counts as gone before the showroom has said so. */
    async leaveAll() {
      const leaving = inside.splice(0)
      if (leaving.length > 0) await depart(running, room, leaving)
    },
  }
}

test('400 tickets and 20 seats: never more than 20 inside, also over a restart, and sold out is told at once', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'antichambre-walk-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const first = await start(dataDir)
  const opensAt = new Date(Date.now() + 3_000).toISOString()
  const config = { showroomUrl: 'http://localhost:1/', opensAt, capacity: 20, ratePerMinute: 6_000 }
  expect((await operate(first, 'PUT', 'sale', { ...config, batchSeconds: 1 })).status).toBe(201)
  const tickets: Ticket[] = []
  while (tickets.length < 400) {
    tickets.push(...(await Promise.all(Array.from({ length: 25 }, () => joinRoom(first, 'sale')))))
  }
  await eventually(
    () => read(first, '/r/sale/status'),
    ({ tail }) => Number(tail) >= 400,
  )

  let waiting = tickets
  const walk = async (running: Running, until: number) => {
    const shop = createShop(running, 'sale', 20)
    for (let round = 0; round < 100 && shop.entered() < until; round++) {
      waiting = await shop.claimAll(waiting)
      await shop.leaveAll()
      await new Promise(resolve => setTimeout(resolve, 300))
    }
    expect(shop.entered()).toBeGreaterThanOrEqual(until)
    expect(shop.most()).toBe(20)
  }
  await walk(first, 60)
  // What was said is counted before the process is killed: it would otherwise wait in its memory.
  await new Promise(resolve => setTimeout(resolve, 1_000))
  const before = await read(first, '/r/sale/status')
  const recordBefore = await read(first, '/r/sale/cohorts/0')
  await first.stop('SIGKILL')

  const second = await start(dataDir)
  expect(await read(second, '/r/sale/cohorts/0')).toEqual(recordBefore)
  const after = await read(second, '/r/sale/status')
  expect(after.tail).toBe(before.tail)
  expect(Number(after.front)).toBeGreaterThanOrEqual(Number(before.front))
  await walk(second, 60)

  await operate(second, 'PATCH', 'sale', { stock: 0 })
  await new Promise(resolve => setTimeout(resolve, 2_000))
  expect(await read(second, '/r/sale/status')).toMatchObject({ phase: 'soldOut', stock: 0 })
  const [somebody] = waiting
  if (somebody !== undefined) expect(await claim(second, 'sale', somebody)).toBe(409)
})

test('an auto room: a trickle goes straight through, a burst forms a line that dissolves again', async () => {
  const running = await start()
  await operate(running, 'PUT', 'shop', {
    showroomUrl: 'http://localhost:1/',
    mode: 'auto',
    ratePerMinute: 1_200,
    batchSeconds: 1,
  })
  const through = async () => {
    const answer = await fetch(`${running.roomUrl}/r/shop/through`, { redirect: 'manual' })
    expect(answer.status).toBe(302)
    const location = answer.headers.get('location') ?? ''
    return location.startsWith('http://localhost:1/') ? 'in' : 'line'
  }
  await eventually(
    () => through(),
    way => way === 'in',
  )
  const trickle = async () => {
    for (let visitor = 0; visitor < 50; visitor++) {
      expect(await through()).toBe('in')
      // Half of the rate, also where the burst before has left nothing over.
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  await trickle()

  // Whoever meets no open way joins, as the page does.
  const ways = await Promise.all(Array.from({ length: 500 }, through))
  const turnedAway = ways.filter(way => way === 'line').length
  expect(turnedAway).toBeGreaterThan(100)
  const tickets = await Promise.all(
    Array.from({ length: turnedAway }, () => joinRoom(running, 'shop')),
  )
  await eventually(
    () => read(running, '/r/shop/status'),
    ({ tail, waiting }) => Number(tail) >= turnedAway || Number(waiting) > 0,
  )
  expect(await through()).toBe('line')
  await eventually(
    () => read(running, '/r/shop/status'),
    ({ front, waiting }) => Number(front) >= turnedAway && waiting === 0,
  )
  let waiting = tickets
  for (let round = 0; round < 60 && waiting.length > 0; round++) {
    const statuses = await Promise.all(waiting.map(one => claim(running, 'shop', one)))
    waiting = waiting.filter((_, index) => statuses[index] !== 200)
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  expect(waiting).toEqual([])
  await eventually(
    () => through(),
    way => way === 'in',
  )
  await trickle()
})
