/** What is kept of a ticket, in one item: its hold, its entry, its departure. */
import * as z from 'zod/mini'
import { OPEN_WAY_SHARD } from '../../queue/limits.ts'
import { parseTicketId } from '../../queue/tokens/ticket.ts'
import type { Claim, DepartureReason } from '../port.ts'
import { itemKey, type Key } from '../table.ts'
import { type Item, parsed } from './items.ts'

export interface KnownTicket {
  readonly entry: { readonly claim: Claim; readonly seatSlot: number } | undefined
  /** When it first met a full house. */
  readonly heldAtMs: number | undefined
  /** Where its hold is counted, until it enters. */
  readonly holdSlot: number | undefined
  readonly departed: DepartureReason | undefined
}

const ticketItem = z.object({
  /** There from the entry on. */
  entries: z.optional(z.int()),
  heldAtMs: z.optional(z.int()),
  holdSlot: z.optional(z.int()),
  reason: z.optional(z.enum(['bought', 'left'])),
})
const entryItem = z.object({
  epoch: z.int(),
  enteredAtMs: z.int(),
  turnAtMs: z.int(),
  sessionEndsAtMs: z.int(),
  passId: z.string(),
  nonce: z.optional(z.string()),
  seatSlot: z.int(),
})

export function ticketOf(item: Item | undefined): KnownTicket {
  const { entries, heldAtMs, holdSlot, reason } = parsed(ticketItem, item ?? {})
  const entry = item === undefined || entries === undefined ? undefined : entryOf(item)
  return { entry, heldAtMs, holdSlot, departed: reason }
}

function entryOf(item: Item) {
  const { seatSlot, nonce, ...claim } = parsed(entryItem, item)
  return { claim: { ...claim, nonce }, seatSlot }
}

/** Conditions on the item of a ticket: one ticket is one entry. */
export const neverEntered = 'attribute_not_exists(entries)'
export const hasEntered = 'attribute_exists(entries)'

/** A number of the open way: a ticket that never stood in line. */
export interface OpenWayNumber {
  readonly seatSlot: number
  readonly number: number
}

/** Undefined for a ticket of the line. */
export function openWayNumber(ticketId: string): OpenWayNumber | undefined {
  const parts = parseTicketId(ticketId)
  if (parts?.shard !== OPEN_WAY_SHARD) return undefined
  return { seatSlot: parts.cohort, number: parts.index }
}

/** A number of the open way is found by the number alone: naming another slot makes no other item. */
export function ticketKey(room: string, ticketId: string): Key {
  const ofOpenWay = openWayNumber(ticketId)
  return ofOpenWay === undefined
    ? itemKey.claim(room, ticketId)
    : itemKey.openWay(room, ofOpenWay.number)
}
