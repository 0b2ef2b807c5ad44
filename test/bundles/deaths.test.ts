/** Processes that are killed in the middle, as a fault of their machine would: the next one finishes the job. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Browser } from '../support/cloud/network.ts'
import { eventually } from '../support/process.ts'
import { DONE, type Site, startSite } from './site.ts'

/** More writes than a tick makes that closes a cohort. */
const CLOSE_WRITES_MAX = 14

let site: Site
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site.cloud.close())
beforeEach(() => site.allGoesWell())

describe('a function that is killed in the middle', () => {
  test('admit, at each write of a close: the next tick finishes the job, and nobody loses a place', async () => {
    const rooms: { room: string; visitors: Browser[] }[] = []
    for (let count = 1; count <= CLOSE_WRITES_MAX; count++) {
      const room = `closing-${count}`
      rooms.push({ room, visitors: await site.gathering(room, 2) })
    }
    await eventually(
      async () => Promise.all(rooms.map(({ room }) => site.isCloseDue(room))),
      due => due.every(Boolean),
    )
    let deaths = 0
    for (const [index, { room, visitors }] of rooms.entries()) {
      // Before the database heard of it, and after it was done but not answered.
      site.letWriteFail('Admit', index + 1, index % 2 === 0 ? 'dies-after' : 'dies-before')
      const outcome = await site.tick(room)
      if (outcome.status === 'died') deaths++
      else expect(outcome).toEqual(DONE)
      site.allGoesWell()
      const halfWay = await site.store.loadRecord(room, 0)
      await site.letIn(room)
      if (halfWay !== undefined) expect(await site.store.loadRecord(room, 0)).toEqual(halfWay)
      const places = await Promise.all(visitors.map(one => site.admittedPlace(one, room)))
      expect(new Set(places).size).toBe(visitors.length)
    }
    console.log(
      `admit was killed at each of the ${deaths} writes of a close, and finished each time`,
    )
    // Eight shards, the record, the state and the house at least; and no write is left untried.
    expect(deaths).toBeGreaterThanOrEqual(11)
    expect(deaths).toBeLessThan(CLOSE_WRITES_MAX)
  })

  test.each([
    [1, 'dies-before', 1],
    [1, 'dies-after', 2],
    [2, 'dies-before', 2],
    [2, 'dies-after', 1],
  ] as const)(
    'visitor, at write %i of an entry (%s): the turn is taken again, once',
    async (...row) => {
      const [write, fate, counted] = row
      const room = `entry-${write}-${fate}`
      const [browser] = await site.gathering(room, 1, { capacity: 5 })
      if (browser === undefined) throw new Error('nobody came')
      await site.letIn(room)
      await site.admittedPlace(browser, room)
      site.letWriteFail('Visitor', write, fate)
      expect((await browser.post(site.at(room, '/passes'))).status).toBe(502)
      const again = await browser.post(site.at(room, '/passes'))
      expect([again.status, again.json.error]).toEqual([200, undefined])
      // A death between the two writes leaves a seat empty, and lets nobody in too many.
      expect((await site.store.loadHouse(room, 0)).entered).toBe(counted)
    },
  )

  // A departure is two writes: its mark on the ticket, and its count in the house. Dying between the two it
  // is not counted, for never twice is worth more; its seat is free when the session would have ended.
  test.each([
    [3, 'dies-before', 3],
    [3, 'dies-after', 2],
  ] as const)(
    'departures, at write %i of a message (%s): it comes again, %i of 3 count',
    async (...row) => {
      const [write, fate, counted] = row
      const room = `leaving-${write}-${fate}`
      const visitors = await site.gathering(room, 3, { capacity: 5 })
      await site.letIn(room)
      const ids: string[] = []
      for (const browser of visitors) {
        await site.admittedPlace(browser, room)
        expect((await browser.post(site.at(room, '/passes'))).status).toBe(200)
        ids.push((await browser.open(site.at(room, '/ticket'))).json.id)
      }
      const before = site.cloud.lambda.invocations('Departures')
      site.letWriteFail('Departures', write, fate)
      const departures = ids.map(ticket => ({ ticket, reason: 'left' }))
      await site.send('Departures', JSON.stringify({ room, departures }))
      const [last = ''] = ids.slice(-1)
      await eventually(
        () => site.store.loadClaim(room, last),
        claim => claim?.departed === 'left',
      )
      const house = await eventually(
        () => site.store.loadHouse(room, 0),
        ({ left }) => left >= counted,
      )
      expect(house).toMatchObject({ entered: 3, gone: counted, left: counted })
      expect(site.cloud.lambda.invocations('Departures') - before).toBe(2)
    },
  )
})
