/** Laws of entering: who may, how often, and when nobody may. */

import { EPOCH_MS } from '../../../lib/rehearsal/cloud/instances.ts'
import type { Call } from '../calls.ts'
import { SKEW_MS } from '../fleet.ts'
import { lineOfTicket, type Truth, type Version } from '../truth.ts'
import { type GivenPass, type Law, must } from './law.ts'

/** Why nobody may walk in; undefined where they may. Not by the phase that the room itself tells. */
function closedBecause({ config, state }: Version, nowMs: number): string | undefined {
  const left = config.stockLeft ?? (config.stock ?? Number.POSITIVE_INFINITY) - state.bought
  if (state.endedAtMs !== null) return 'ended'
  if (config.closesAt !== null && nowMs >= Date.parse(config.closesAt)) return 'past its closing'
  if (config.mode === 'closed') return 'closed'
  if (config.stock !== null && left <= 0) return 'sold out'
  if (state.pausedAtMs !== null) return 'paused'
  return state.openedAtMs === null ? 'not open yet' : undefined
}

/** A call may know the room as it was so long before it began: kept for a second, read a second late. */
const KNOWN_MS = 2_200

export function entryLaws(truth: Truth): Law {
  const told = new Set<string>()
  /** Since when somebody has leased in a cohort. */
  const leased = new Map<number, { byShard: Map<number, number>; sinceMs: number | undefined }>()

  /** Tickets that were told that they stand on hold. */
  const held = new Set<string>()

  const known = (call: Call) => truth.since(call.startedAtMs - KNOWN_MS)

  return {
    entered(id, passId) {
      const { entries } = truth.person(id)
      must(
        'enters-once',
        entries.size <= 1,
        () => `ticket ${id} entered ${entries.size} times (now with ${passId})`,
      )
    },

    house(_, __, call) {
      if (call.kind !== 'word') return
      const ticketId = call.marked ?? ''
      must(
        'departure-counts-once',
        ticketId !== '' && !told.has(ticketId),
        () => `the departure of ticket ${ticketId} was counted a second time`,
      )
      told.add(ticketId)
    },

    counter(_, { cohort, shard, leased: count }) {
      const own = leased.get(cohort) ?? { byShard: new Map<number, number>(), sinceMs: undefined }
      leased.set(cohort, own)
      own.byShard.set(shard, count)
      const isAny = [...own.byShard.values()].some(size => size > 0)
      own.sinceMs = isAny ? (own.sinceMs ?? truth.nowMs()) : undefined
    },

    refused(ticket, code) {
      const { id } = ticket
      if (code === 'house-full') held.add(id)
      must(
        'hold-kept',
        code !== 'turn-missed' || !held.has(id),
        () => `ticket ${id} stood on hold in time, and was told that its turn is over`,
      )
    },

    pass(pass, call) {
      const versions = known(call)
      isCounted(pass, versions)
      stayedOut(pass, call)
      wasOpen(pass, versions, call)
      if (pass.ticket !== undefined) isOfThisSale(pass, versions)
      else wasEmpty(pass, versions, call)
    },
  }

  function isCounted({ ticketId, ticket, passId }: GivenPass, versions: readonly Version[]): void {
    const isOff = versions.some(({ config }) => config.mode === 'off')
    const isKept = truth.person(ticketId, ticket).entries.has(passId)
    const isLeased = ticket === undefined && truth.counted(ticketId) !== undefined
    must(
      'every-pass-counted',
      isOff || isKept || isLeased,
      () => `ticket ${ticketId} got pass ${passId}, which is no entry that is kept`,
    )
  }

  function stayedOut({ ticketId, ticket, passId }: GivenPass, call: Call): void {
    if (ticket === undefined) return
    const departedAtMs = truth.person(ticketId, ticket).entries.get(passId)?.departedAtMs
    must(
      'departed-stay-out',
      departedAtMs === undefined || departedAtMs >= call.startedAtMs,
      () => `ticket ${ticketId} got pass ${passId} again, whose departure had been noted`,
    )
  }

  function wasOpen({ ticketId }: GivenPass, versions: readonly Version[], call: Call): void {
    const closed = new Set<string>()
    for (const version of versions) {
      // The clock of whoever looked may have been slow.
      const atMs = Math.max(version.fromMs, call.startedAtMs - KNOWN_MS) - SKEW_MS
      const reason = closedBecause(version, EPOCH_MS + atMs)
      if (reason === undefined) return
      closed.add(reason)
    }
    must(
      'closed-means-closed',
      false,
      () => `ticket ${ticketId} got a pass while the room was ${[...closed].join(', ')}`,
    )
  }

  function isOfThisSale({ ticketId, ticket }: GivenPass, versions: readonly Version[]): void {
    must(
      'earlier-sale',
      versions.some(({ state }) => ticket !== undefined && lineOfTicket(state, ticket)),
      () => `ticket ${ticketId} of an earlier sale got a pass`,
    )
  }

  /** Nobody goes straight through while somebody waits in line. */
  function wasEmpty({ ticketId }: GivenPass, versions: readonly Version[], call: Call): void {
    if (versions.some(({ config }) => config.mode === 'off')) return
    must(
      'open-way',
      versions.some(({ state }) => state.tail === state.front),
      () => `number ${ticketId} went straight through while people waited`,
    )
    const [first] = versions
    const sinceMs = leased.get(first?.state.openCohort ?? -1)?.sinceMs
    const isSame = versions.every(({ state }) => state.openCohort === first?.state.openCohort)
    must(
      'open-way',
      !isSame || sinceMs === undefined || sinceMs > call.startedAtMs - KNOWN_MS,
      () => `number ${ticketId} went straight through while people had joined`,
    )
  }
}
