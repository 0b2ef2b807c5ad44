/** Laws of the seats: never more people than the room has, and every one of them counted. */
import { showUpOf } from '../../../lib/queue/admission/show-up.ts'
import { AGES_MIN } from '../../../lib/queue/limits.ts'
import { lineOf, linesOf } from '../../../lib/queue/room/lines.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import { hopefulMax } from '../../../lib/queue/stock/stock.ts'
import type { Call } from '../calls.ts'
import { type OpenTurn, openTurns, type Truth } from '../truth.ts'
import { type Law, must } from './law.ts'

/** People when a tick read the house. */
interface Seen {
  readonly inside: number
  readonly openTurns: readonly OpenTurn[]
  readonly aged: number
}

export function seatLaws(truth: Truth): Law {
  const seen = new WeakMap<Call, Seen>()

  /** The largest capacity that was in force since then: people who came in by it may still be inside. */
  const capacitySince = (fromMs: number): number =>
    Math.max(
      ...truth.since(fromMs).map(({ config }) => config.capacity ?? Number.POSITIVE_INFINITY),
    )
  const withinCapacity = (id: string, limitReadAtMs: number) => {
    const [inside, capacity] = [truth.inside(), capacitySince(limitReadAtMs)]
    must(
      'capacity',
      inside <= capacity,
      () => `with ${id} there are ${inside} people inside, at most ${capacity} may be`,
    )
  }

  return {
    house(before, after, call) {
      must(
        'house-adds-up',
        after.entered - after.gone === after.inSlots &&
          after.seats === after.limit - after.entered &&
          after.held === after.onHold &&
          after.spare === after.seats - after.kept &&
          after.unheld === after.seats - after.held &&
          after.entered >= before.entered &&
          after.gone >= before.gone,
        () => `the house does not add up: ${JSON.stringify(after)}`,
      )
      if (after.entered === before.entered) return
      must(
        'capacity',
        after.entered <= after.limit,
        () => `${after.entered} entered, the limit was ${after.limit}`,
      )
      must(
        'held-come-first',
        after.held < before.held || before.seats > before.held,
        () =>
          `a newcomer took one of ${before.seats} seats while ${before.held} stood on hold for them (${call.kind})`,
      )
      must(
        'held-come-first',
        after.through === before.through || after.seats >= Math.max(after.held, after.kept),
        () =>
          `the open way left ${after.seats} seats for ${after.held} on hold, and ${after.kept} that are reserved`,
      )
    },

    entered(id) {
      withinCapacity(id, truth.person(id).limitReadAtMs)
    },

    pass({ ticketId, ticket, passId, sessionEndsMs }, call) {
      const person = truth.person(ticketId, ticket)
      const counted = ticket === undefined ? truth.counted(ticketId) : undefined
      // In a room that is switched off nobody counts.
      if (counted === undefined && !person.entries.has(passId)) return
      if (counted !== undefined) person.limitReadAtMs = counted.limitReadAtMs
      // The showroom has reported meanwhile that they left.
      const isGone = [...person.entries.values()].some(
        ({ departedAtMs }) => departedAtMs !== undefined && departedAtMs >= call.startedAtMs,
      )
      if (isGone) return
      truth.enter(person, sessionEndsMs)
      withinCapacity(ticketId, person.limitReadAtMs)
    },

    houseRead(call) {
      if (call.kind !== 'tick' || call.roomRead === undefined) return
      const { config, state } = call.roomRead.version
      if (config.capacity === null && config.stock === null) return
      seen.set(call, {
        inside: truth.inside(),
        openTurns: openTurns(truth, state),
        aged: truth.house.aged,
      })
    },

    state(before, after, call) {
      const [then, read] = [seen.get(call), call.roomRead]
      if (call.kind !== 'tick' || before === undefined || then === undefined) return
      if (read === undefined || before.epoch !== after.epoch) return
      const places = frontsOf(after) - frontsOf(before)
      if (places === 0 || showUpOf(after) !== null) return
      const { config } = read.version
      // Turns that this very step dropped were over by its clock.
      const open = then.openTurns.filter(
        ({ line, place }) => place > (lineOf(after, line)?.batchesFrom ?? 0),
      )
      const hopeful = then.inside + open.length + places
      const sum = `${then.inside} inside, ${open.length} open turns and ${places} more`
      const capacity = config.capacity ?? Number.POSITIVE_INFINITY
      must(
        'booked-within-capacity',
        hopeful <= capacity + truth.unclaimed,
        () => `${sum} before show-up is measured, at most ${capacity} may be`,
      )
      // Once it is known how soon people come, late ones count less and less as people who hope.
      if (then.aged >= AGES_MIN) return
      const most = hopefulMax({ config, state: after })
      must(
        'hope',
        hopeful <= most + truth.unclaimed + after.settled,
        () => `${sum} hope for what is left, at most ${most} may`,
      )
    },
  }
}

function frontsOf(state: RoomState): number {
  return linesOf(state).reduce((sum, { line }) => sum + line.front, 0)
}
