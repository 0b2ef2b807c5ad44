/**
 * What every store promises: the docs of the port (lib/store/store.ts), one test for each claim.
 * The pages of its queries are made small, so that every list fills several.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { cohortContract } from './cohorts.ts'
import { entryContract } from './entries.ts'
import type { Contestant, MakeStore } from './harness.ts'
import { historyContract } from './history.ts'
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
    describe('entries', () => entryContract(current))
    describe('history', () => historyContract(current, makeStore))
  })
}
