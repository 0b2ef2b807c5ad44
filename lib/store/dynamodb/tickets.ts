/** What is stored of a ticket, in one item: its hold, the entry that counts, its departure. */
import * as z from 'zod/mini'
import { OPEN_WAY_SHARD } from '../../queue/limits.ts'
import { parseTicketId } from '../../queue/tokens/ticket.ts'
import type { Claim, DepartureReason } from '../port.ts'
import { itemKey, type Key } from '../table.ts'
import { type Condition, type Item, parsed } from './items.ts'

export interface KnownTicket {
  /** How often it entered. */
  readonly entries: number
  /** The last of its entries. */
  readonly entry: { readonly claim: Claim; readonly seatSlot: number } | undefined
  /** When it first met a full house. */
  readonly heldAtMs: number | undefined
  /** Where its hold is counted, since the last entry. */
  readonly holdSlot: number | undefined
  /** When, and how, the last entry ended. */
  readonly departedAtMs: number | undefined
  readonly departed: DepartureReason | undefined
  /** When the showroom reported the latest departure, of the last entry or of one before. */
  readonly saidAtMs: number | undefined
}

const ticketItem = z.object({
  entries: z._default(z.int(), 0),
  heldAtMs: z.optional(z.int()),
  holdSlot: z.optional(z.int()),
  departedAtMs: z.optional(z.int()),
  saidAtMs: z.optional(z.int()),
  /** The same of the entries before the last one. */
  formerSaidAtMs: z.optional(z.int()),
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
  const known = parsed(ticketItem, item ?? {})
  const { entries, heldAtMs, holdSlot, departedAtMs, reason } = known
  const saidAtMs = known.saidAtMs ?? known.formerSaidAtMs
  const entry = item === undefined || entries === 0 ? undefined : entryOf(item)
  return { entries, entry, heldAtMs, holdSlot, departedAtMs, departed: reason, saidAtMs }
}

function entryOf(item: Item) {
  const { seatSlot, nonce, ...claim } = parsed(entryItem, item)
  return { claim: { ...claim, nonce }, seatSlot }
}

/** Nobody entered with the ticket, and nobody departed, since it was read. */
export function unchangedSince({ entries, departedAtMs }: KnownTicket) {
  const sameEntries = entries === 0 ? 'attribute_not_exists(entries)' : 'entries = :entries'
  const sameDeparture =
    departedAtMs === undefined
      ? 'attribute_not_exists(departedAtMs)'
      : 'departedAtMs = :departedAtMs'
  return {
    condition: `${sameEntries} AND ${sameDeparture}`,
    values: {
      ...(entries === 0 ? {} : { entries }),
      ...(departedAtMs === undefined ? {} : { departedAtMs }),
    },
  } satisfies Condition
}

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
