/**
 * What every store promises: the docs of the port (lib/store/port.ts), one test for each claim.
 * The pages of its queries are made small, so that every list fills several.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { cohortContract } from './cohorts.ts'
import { departureContract } from './departures.ts'
import type { Contestant, MakeStore } from './harness.ts'
import { historyContract } from './history.ts'
import { holdContract } from './holds.ts'
import { houseContract } from './house.ts'
import { houseLawContract } from './house-laws.ts'
import { invitationContract } from './invitations.ts'
import { orderContract } from './orders.ts'
import { roomContract } from './rooms.ts'

const PAGE_ITEMS = 3

export function storeContract(name: string, makeStore: MakeStore): void {
  describe(`the store contract on ${name}`, () => {
    let contestant: Contestant
    beforeAll(async () => {
      contestant = await makeStore({ pageItems: PAGE_ITEMS })
    })
    afterAll(() => contestant.close())

    const current = () => contestant
    describe('rooms', () => roomContract(current))
    describe('cohorts', () => cohortContract(current))
    describe('the house', () => houseContract(current))
    describe('holds', () => holdContract(current))
    describe('departures', () => departureContract(current))
    describe('orders', () => orderContract(current))
    describe('the laws of the house', () => houseLawContract(current))
    describe('invitations', () => invitationContract(current))
    describe('history', () => historyContract(current, makeStore))
  })
}
