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
import { heldSeat, laneSeat, type SeatCount, takenOverSeat, uncounted } from './seats.ts'
import { type KnownTicket, ticketKey, ticketOf, unchangedSince } from './tickets.ts'

/** A claim on its way. */
interface Asked {
  readonly room: string
  readonly key: Key
  /** The ticket as it was read. */
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
      const isOver = known.entries >= request.entriesMax || known.departed === 'bought'
      if (known.entry !== undefined && isOver) return alreadyEntered(known.entry.claim, known)
      const asked = { room, key, known, claim, request }
      const seat = await takeSeat(asked)
      if (seat === 'on-hold') return held(asked, known)
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
        const seat = heldSeat(request, known.holdSlot, known.entries)
        return (await count(room, seat)) ? seat : 'on-hold'
      }
    } else if (known.entry !== undefined && known.departed === undefined) {
      const seat = takenOverSeat(request, known.entry.seatSlot)
      if (await count(room, seat)) return seat
    }
    const seat = laneSeat(request, known.entries)
    return (await count(room, seat)) ? seat : 'full'
  }

  /** Stores the claim of a seat that is counted. */
  async function store(asked: Asked, seat: SeatCount): Promise<ClaimOutcome> {
    const { room, key, known, claim, request } = asked
    const fields = {
      ...claim,
      seatSlot: seat.seatSlot,
      turnSlot: request.turnSlot,
      entries: known.entries + 1,
      heldAtMs: known.heldAtMs,
      formerSaidAtMs: known.saidAtMs,
      expiresAt: expiryOf(claim.enteredAtMs),
    }
    let isStored: boolean
    try {
      // Settles the race of a ticket's claims that come at once, and of a claim and a departure.
      isStored = await items.put(key, fields, unchangedSince(known))
    } catch (error) {
      // After any other trouble the claim may be stored, and then its seat must stay counted.
      if (error instanceof StoreRefusedError) await uncount(room, seat)
      throw error
    }
    if (isStored) return { status: 'entered', claim }
    const now = ticketOf(await items.get(key))
    if (!mayBeStored(asked, now)) await uncount(room, seat)
    return overtaken(asked, now)
  }

  /** Notes on the ticket that it met a full house, then counts it in the house as on hold. */
  async function hold(asked: Asked): Promise<ClaimOutcome> {
    const { room, key, known, claim } = asked
    const nowMs = claim.enteredAtMs
    const slot = holdSlot(nowMs)
    // Noted in this slot, but not counted yet: the count is on its way, or died. The next slot counts.
    if (known.holdSlot === slot) return held(asked, known)
    // Settle the races of a ticket that asks twice at once: it is inside, or on hold once.
    const unchanged = unchangedSince(known)
    const sameHold =
      known.holdSlot === undefined ? 'attribute_not_exists(holdSlot)' : 'holdSlot = :before'
    const noted = await items.update(key, {
      set: ['heldAtMs = if_not_exists(heldAtMs, :now)', 'holdSlot = :slot', 'expiresAt = :expiry'],
      values: {
        ...unchanged.values,
        ...(known.holdSlot === undefined ? {} : { before: known.holdSlot }),
        now: nowMs,
        slot,
        expiry: expiryOf(nowMs),
      },
      condition: `${unchanged.condition} AND ${sameHold}`,
      returns: 'ALL_NEW',
    })
    if (noted === undefined) return overtaken(asked, ticketOf(await items.get(key)))
    // Where an answer is lost it is counted twice, and reserves a seat for nobody until the hold lapses.
    const hold = { heldNow: 1, unheld: -1, [counter.held(slot)]: 1 }
    await items.update(itemKey.house(room), adding(hold))
    return held(asked, ticketOf(noted))
  }

  /** The answer to a claim that came too late: another one of its ticket, or a departure, was faster. */
  function overtaken(asked: Asked, now: KnownTicket): ClaimOutcome {
    const isOver = now.entries > asked.known.entries || now.departed === 'bought'
    if (now.entry !== undefined && isOver) return alreadyEntered(now.entry.claim, now)
    if (now.holdSlot !== undefined) return held(asked, now)
    throw new StoreBusyError('the ticket departed meanwhile')
  }

  async function count(room: string, seat: SeatCount): Promise<boolean> {
    return (await items.update(itemKey.house(room), counting(seat))) !== undefined
  }

  /** Doing it twice would let one person too many in; failing leaves the seat empty until it expires. */
  async function uncount(room: string, seat: SeatCount): Promise<void> {
    try {
      const change = { ...counting(uncounted(seat)), atMostOnce: true }
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

/**
 * Where the answer is lost and the request sent again, the claim may have been stored and changed
 * since: by a departure, or by a further entry that took its seat over. In doubt the seat stays
 * counted: that leaves it empty until its slot expires, the opposite would let in one too many.
 */
function mayBeStored({ known, claim }: Asked, now: KnownTicket): boolean {
  const isDeparted = now.departedAtMs !== undefined && now.entry?.claim.passId === claim.passId
  return isDeparted || now.entries > known.entries + 1
}

function alreadyEntered(claim: Claim, { departed }: KnownTicket): ClaimOutcome {
  return { status: 'already-entered', claim, departed }
}

function held({ claim }: Asked, { heldAtMs = claim.enteredAtMs }: KnownTicket): ClaimOutcome {
  return { status: 'held', heldAtMs }
}
