/** What invitations were used for, in the table. */
import * as z from 'zod/mini'
import { type Store, StoreBusyError } from '../port.ts'
import { itemKey } from '../table.ts'
import { expiryOf, type Items, parsed } from './items.ts'

// `use` is a word that DynamoDB reserves.
const invitationItem = z.object({ usedFor: z.string() })

export function invitationStore(items: Items): Pick<Store, 'useInvitation' | 'loadInvitation'> {
  const find = async (room: string, invitationId: string) => {
    const item = await items.get(itemKey.invitation(room, invitationId))
    return item && parsed(invitationItem, item).usedFor
  }

  return {
    async useInvitation(room, invitationId, use, expiresAtMs) {
      // Settles the race of those who use one invitation at once: the first one has it.
      const neverUsed = 'attribute_not_exists(pk)'
      const fields = { usedFor: use, expiresAt: expiryOf(expiresAtMs) }
      const key = itemKey.invitation(room, invitationId)
      if (await items.put(key, fields, { condition: neverUsed })) return use
      const kept = await find(room, invitationId)
      if (kept === undefined) throw new StoreBusyError('an invitation expired meanwhile')
      return kept
    },

    loadInvitation: find,
  }
}
