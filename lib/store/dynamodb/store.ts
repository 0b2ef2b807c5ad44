/**
 * The store, put together from one file for each kind of item. It reaches the table only by the six requests of
 * `Items`. So the same code runs over Amazon's table (client.ts), over the rehearsal's, and over the simulation's,
 * which loses answers and dies between any two requests.
 */
import type { Store } from '../port.ts'
import { claimStore } from './claims.ts'
import { cohortStore } from './cohorts.ts'
import { departureStore } from './departures.ts'
import { historyStore } from './history.ts'
import { houseStore } from './house.ts'
import { invitationStore } from './invitations.ts'
import type { Items } from './items.ts'
import { roomStore } from './rooms.ts'

export function storeOver(items: Items): Store {
  const houses = houseStore(items)
  return {
    ...roomStore(items),
    ...cohortStore(items),
    ...houses,
    ...claimStore(items, houses),
    ...departureStore(items, houses),
    ...invitationStore(items),
    ...historyStore(items),
  }
}
