/** A room's history in the table. */
import * as z from 'zod/mini'
import type { Store } from '../port.ts'
import { itemKey, partitions } from '../table.ts'
import { expiryOf, type Items, parsed } from './items.ts'

const historyItem = z.object({ atMs: z.int(), kind: z.string(), json: z.string() })
const factsSchema = z.record(z.string(), z.union([z.number(), z.string(), z.null()]))

export function historyStore(items: Items): Pick<Store, 'addHistory' | 'history'> {
  return {
    async addHistory(room, { atMs, kind, facts }) {
      // The time and the kind are the key: the same entry again changes nothing.
      const fields = { atMs, kind, json: JSON.stringify(facts), expiresAt: expiryOf(atMs) }
      await items.put(itemKey.history(room, atMs, kind), fields)
    },

    async history(room, limit) {
      const found = await items.query(partitions.history(room), { backwards: true, limit })
      return found.map(item => {
        const { atMs, kind, json } = parsed(historyItem, item)
        return { atMs, kind, facts: parsed(factsSchema, JSON.parse(json)) }
      })
    },
  }
}
