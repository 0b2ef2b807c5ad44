/** Laws of the line: nobody's ticket, place or turn is lost, given twice, or moved. */

import { cohortSize } from '../../../lib/queue/cohort/place.ts'
import { lineNumber } from '../../../lib/queue/room/groups.ts'
import { lineOf, linesOf } from '../../../lib/queue/room/lines.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import type { Ticket } from '../../../lib/queue/tokens/ticket.ts'
import { lineOfTicket, type Truth } from '../truth.ts'
import { type Law, must } from './law.ts'

export function lineLaws(truth: Truth): Law {
  const holders = new Map<string, string>()
  const counters = new Map<string, number>()

  return {
    state(before, after) {
      for (const { name, line } of linesOf(after)) {
        must(
          'front-within-tail',
          line.front <= line.tail,
          () =>
            `the front of line "${name}" is ${line.front}, at most its tail ${line.tail} is right`,
        )
      }
      if (before !== undefined) movesOn(before, after)
    },

    record(before, { cohort, base, sizes, seed }) {
      const state = truth.room()?.state
      if (state === undefined) return
      if (before !== undefined) {
        must(
          'cohorts-follow',
          before.seed === seed && before.base === base && `${before.sizes}` === `${sizes}`,
          () => `the record of cohort ${cohort} was changed; a record stays as it was put first`,
        )
      }
      const former = truth.records.get(cohort - 1)
      const line = linesOf(state).find(
        ({ line }) => lineNumber(line.firstCohort) === lineNumber(cohort),
      )
      const isFirst = line === undefined || cohort === line.line.firstCohort
      const tail = isFirst || former === undefined ? 0 : former.base + cohortSize(former.sizes)
      must(
        'cohorts-follow',
        base === tail,
        () => `cohort ${cohort} begins after place ${base}, after ${tail} the one before it ended`,
      )
      for (const [shard, size] of sizes.entries()) {
        const leased = counters.get(`${cohort}.${shard}`) ?? 0
        must(
          'cohorts-follow',
          size === leased,
          () =>
            `the record of cohort ${cohort} has ${size} of shard ${shard}, ${leased} were leased`,
        )
      }
      const places = new Map<number, string>()
      for (const person of truth.people.values()) {
        const { ticket } = person
        if (ticket?.cohort !== cohort) continue
        hasPlace(ticket)
        const place = truth.placeOf(person) ?? 0
        const other = places.get(place)
        must(
          'one-place-each',
          other === undefined,
          () => `place ${place} is that of ticket ${person.id} and of ticket ${other}`,
        )
        places.set(place, person.id)
      }
    },

    counter(before, { cohort, shard, leased, isClosed }) {
      must(
        'cohorts-follow',
        !before.isClosed || (isClosed && leased === before.leased),
        () => `cohort ${cohort} was closed with ${before.leased} of shard ${shard}, now ${leased}`,
      )
      counters.set(`${cohort}.${shard}`, leased)
    },

    ticket(ticket, holder) {
      const other = holders.get(ticket.id)
      must(
        'one-ticket-each',
        other === undefined || other === holder,
        () => `ticket ${ticket.id} was given to ${other} and to ${holder}`,
      )
      holders.set(ticket.id, holder)
      if (truth.records.has(ticket.cohort)) hasPlace(ticket)
    },

    placeTold(ticket, place) {
      const person = truth.person(ticket.id, ticket)
      const drawn = truth.placeOf(person)
      must(
        'place-kept',
        drawn === undefined || drawn === place,
        () => `ticket ${ticket.id} was told place ${place}, it has place ${drawn}`,
      )
    },

    pass({ ticket }, call) {
      if (ticket === undefined) return
      const state = truth.room()?.state
      const line = state && lineOfTicket(state, ticket)?.line
      if (line === undefined) return
      const isOff = truth
        .since(call.startedAtMs - 2_200)
        .some(({ config }) => config.mode === 'off')
      if (isOff) return
      const place = truth.placeOf(truth.person(ticket.id, ticket))
      must(
        'turn-comes-first',
        place !== undefined && place <= line.front,
        () => `ticket ${ticket.id} at place ${place} got a pass while the front was ${line.front}`,
      )
    },
  }

  function hasPlace(ticket: Ticket): void {
    const size = truth.records.get(ticket.cohort)?.sizes[ticket.shard] ?? 0
    must(
      'place-kept',
      ticket.index < size,
      () => `ticket ${ticket.id} has no place: its shard was closed with ${size} indexes`,
    )
  }
}

function movesOn(before: RoomState, after: RoomState): void {
  must(
    'front-moves-on',
    after.version === before.version + 1 && after.epoch >= before.epoch,
    () =>
      `version ${before.version} of sale ${before.epoch} was followed by ${after.version} of ${after.epoch}`,
  )
  if (after.epoch !== before.epoch) {
    for (const { name, line } of linesOf(before)) {
      const next = lineOf(after, name)
      must(
        'front-moves-on',
        next !== undefined && next.firstCohort > line.openCohort && next.front === 0,
        () =>
          `a new sale begins with cohort ${next?.firstCohort} and front ${next?.front} after cohort ${line.openCohort}`,
      )
    }
    return
  }
  for (const { name, line } of linesOf(before)) {
    const next = lineOf(after, name)
    must(
      'front-moves-on',
      next !== undefined &&
        next.front >= line.front &&
        next.tail >= line.tail &&
        next.openCohort >= line.openCohort &&
        next.batchesFrom >= line.batchesFrom,
      () =>
        `line "${name}" went from front ${line.front}, tail ${line.tail}, cohort ${line.openCohort} to front ${next?.front}, tail ${next?.tail}, cohort ${next?.openCohort}`,
    )
  }
}
