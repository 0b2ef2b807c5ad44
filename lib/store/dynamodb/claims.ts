/**
 * Claims in the table. Walking in is two writes. The first counts in the house, whose conditions
 * say whether there is a seat. The second stores the claim, and decides which one of a ticket's
 * claims that come at once gets in. A death between the two leaves a counted seat empty; nobody ever
 * sits on a seat that is not counted.
 */
import { holdSlot } from '../../queue/house/slots.ts'
import {
  type Claim,
  type ClaimOutcome,
  type SeatRequest,
  type Store,
  StoreBusyError,
} from '../port.ts'
import { itemKey, type Key } from '../table.ts'
import { counter } from './house.ts'
import { adding, type Change, expiryOf, type Items, StoreRefusedError } from './items.ts'
import { heldSeat, laneSeat, type SeatCount, uncounted } from './seats.ts'
import { type KnownTicket, neverEntered, ticketKey, ticketOf } from './tickets.ts'

/** A claim on its way. */
interface Asked {
  readonly room: string
  readonly key: Key
  /** The ticket as it was read: it has not entered. */
  readonly known: KnownTicket
  readonly claim: Claim
  readonly request: SeatRequest
}

export function claimStore(
  items: Items,
  { loadHouse }: Pick<Store, 'loadHouse'>,
): Pick<Store, 'claim' | 'loadClaim'> {
  return {
    async claim(room, ticketId, claim, request) {
      const key = ticketKey(room, ticketId)
      const known = ticketOf(await items.get(key))
      const asked = { room, key, known, claim, request }
      if (known.entry !== undefined) return found(asked, known)
      const seat = await takeSeat(asked)
      if (seat === 'on-hold') return found(asked, known)
      if (seat !== 'full') return store(asked, seat)
      return request.lane === 'late' ? { status: 'no-late-seat' } : hold(asked)
    },

    async loadClaim(room, ticketId) {
      const item = await items.get(ticketKey(room, ticketId))
      if (item === undefined) return undefined
      const { entry, heldAtMs, departed } = ticketOf(item)
      return { claim: entry?.claim, heldAtMs, departed }
    },
  }

  /** Takes and counts a seat. 'on-hold': the ticket stands on hold, and the house is still full. */
  async function takeSeat(asked: Asked): Promise<SeatCount | 'on-hold' | 'full'> {
    const { room, known, claim, request } = asked
    if (known.holdSlot !== undefined) {
      const house = await loadHouse(room, claim.epoch)
      if ((house.held.get(known.holdSlot) ?? 0) > 0) {
        // Those on hold ask every few seconds. A refused write is billed like a write, so none is sent.
        if (house.entered >= house.limit) return 'on-hold'
        const seat = heldSeat(request, known.holdSlot)
        return (await count(room, seat)) ? seat : 'on-hold'
      }
    }
    const seat = laneSeat(request)
    return (await count(room, seat)) ? seat : 'full'
  }

  /** Stores the claim of a seat that is counted. */
  async function store(asked: Asked, seat: SeatCount): Promise<ClaimOutcome> {
    const { key, known, claim, request } = asked
    const fields = {
      ...claim,
      seatSlot: request.seatSlot,
      turnSlot: request.turnSlot,
      // The mark that the ticket has entered.
      entries: 1,
      heldAtMs: known.heldAtMs,
      expiresAt: expiryOf(claim.enteredAtMs),
    }
    let isStored: boolean
    try {
      // Settles the race of a ticket's claims that come at once.
      isStored = await items.put(key, fields, { condition: neverEntered })
    } catch (error) {
      // After any other trouble the claim may be stored, and then its seat must stay counted.
      if (error instanceof StoreRefusedError) await uncount(asked, seat)
      throw error
    }
    if (isStored) return { status: 'entered', claim }
    const now = ticketOf(await items.get(key))
    // Where an answer was lost this claim may have been stored all the same, and have departed since.
    const isThisOne = now.entry?.claim.passId === claim.passId
    if (!isThisOne) await uncount(asked, seat)
    return found(asked, now)
  }

  /** Notes on the ticket that it met a full house, then counts it in the house as on hold. */
  async function hold(asked: Asked): Promise<ClaimOutcome> {
    const { room, key, known, claim } = asked
    const nowMs = claim.enteredAtMs
    const slot = holdSlot(nowMs)
    // Noted in this slot, but not counted yet: the count is on its way, or died. The next slot counts.
    if (known.holdSlot === slot) return found(asked, known)
    // Settle the races of a ticket that asks twice at once: it is inside, or on hold once.
    const sameHold =
      known.holdSlot === undefined ? 'attribute_not_exists(holdSlot)' : 'holdSlot = :before'
    const noted = await items.update(key, {
      set: ['heldAtMs = if_not_exists(heldAtMs, :now)', 'holdSlot = :slot', 'expiresAt = :expiry'],
      values: {
        ...(known.holdSlot === undefined ? {} : { before: known.holdSlot }),
        now: nowMs,
        slot,
        expiry: expiryOf(nowMs),
      },
      condition: `${neverEntered} AND ${sameHold}`,
      returns: 'ALL_NEW',
    })
    if (noted === undefined) return found(asked, ticketOf(await items.get(key)))
    // Where an answer is lost it is counted twice, and reserves a seat for nobody until the hold lapses.
    const hold = { heldNow: 1, unheld: -1, [counter.held(slot)]: 1 }
    await items.update(itemKey.house(room), adding(hold))
    return found(asked, ticketOf(noted))
  }

  async function count(room: string, seat: SeatCount): Promise<boolean> {
    return (await items.update(itemKey.house(room), counting(seat))) !== undefined
  }

  /** Twice would let one too many in. Not at all leaves the seat empty until its slot expires. */
  async function uncount({ room, request }: Asked, seat: SeatCount): Promise<void> {
    try {
      const change = { ...counting(uncounted(seat, request)), atMostOnce: true }
      await items.update(itemKey.house(room), change)
    } catch (error) {
      if (!(error instanceof StoreBusyError)) throw error
    }
  }
}

function counting({ counts, condition }: SeatCount): Change {
  const { add, values } = adding(counts)
  return { add, values: { ...values, zero: 0 }, condition }
}

/** The outcome for a ticket that has entered before, or else stands on hold. */
function found({ claim }: Asked, now: KnownTicket): ClaimOutcome {
  const { entry, departed, heldAtMs = claim.enteredAtMs } = now
  return entry === undefined
    ? { status: 'held', heldAtMs }
    : { status: 'already-entered', claim: entry.claim, departed }
}
