/** `verify`: recomputes a place from a cohort's public record, and says step by step what it checked. */
import * as z from 'zod/mini'
import {
  type CohortRecord,
  cohortRecordSchema,
  cohortSize,
  keepsCommitment,
  placeIn,
} from '../../queue/cohort/place.ts'
import { COHORT_SIZE_MAX } from '../../queue/limits.ts'
import { ticketId } from '../../queue/tokens/ticket.ts'
import { type Command, unusable } from '../shared/command.ts'
import { parseFile, readJson, STANDARD_INPUT } from '../shared/files.ts'
import { aligned, printable } from '../shared/text.ts'

const count = z.int().check(z.gte(0))

/** The answer of `POST /r/:room/tickets`. Its owner may add the place that they were told. */
const ticketFileSchema = z.strictObject({
  /** The signed ticket is a secret and proves nothing here: it may be left out. */
  ticket: z.optional(z.string()),
  id: z.string(),
  cohort: count,
  shard: count,
  index: count,
  commitment: z.string(),
  place: z.optional(z.int().check(z.gte(1))),
})

export type TicketFile = z.infer<typeof ticketFileSchema>

/** The checks in their order; each rests on those before it. */
export type CheckName = 'id' | 'cohort' | 'commitment' | 'seed' | 'index' | 'place'

export interface Check {
  readonly check: CheckName
  readonly status: 'passed' | 'failed'
  /** What was compared, and the result. */
  readonly says: string
}

/** The checks end with the first that failed. */
export type VerifyReport =
  | { status: 'verified'; place: number; checks: readonly Check[] }
  | { status: 'failed'; failed: CheckName; checks: readonly Check[] }

/** Reads both files and reports. The exit code is 1 when a check failed. */
export const verify: Command['run'] = async (_operands, options, io) => {
  const { record: recordFile = '', ticket: ticketFile = '' } = options
  if (recordFile === STANDARD_INPUT && ticketFile === STANDARD_INPUT) {
    throw unusable('usage', 'standard input can be --record or --ticket, not both')
  }
  const recordJson = await readJson(recordFile, io)
  const record = parseFile(cohortRecordSchema, recordJson, recordFile, "a cohort's record")
  const ticketJson = await readJson(ticketFile, io)
  const ticket = parseFile(ticketFileSchema, ticketJson, ticketFile, 'a ticket')
  const report = verifyPlace(record, ticket)
  return {
    exitCode: report.status === 'verified' ? 0 : 1,
    json: report,
    text: () => reportText(report),
  }
}

/** Does the record give this ticket a place, and was the draw fixed before anybody could know it? */
export function verifyPlace(record: CohortRecord, ticket: TicketFile): VerifyReport {
  const checks: Check[] = []
  for (const check of [idCheck, cohortCheck, commitmentCheck, seedCheck, indexCheck]) {
    const done = check(record, ticket)
    checks.push(done)
    if (done.status === 'failed') return { status: 'failed', failed: done.check, checks }
  }
  const place = placeIn(record, ticket.shard, ticket.index)
  const last = placeCheck(record, ticket, place)
  checks.push(last)
  return last.status === 'passed'
    ? { status: 'verified', place, checks }
    : { status: 'failed', failed: 'place', checks }
}

function idCheck(_record: CohortRecord, { id, cohort, shard, index }: TicketFile): Check {
  const made = ticketId(cohort, shard, index)
  return id === made
    ? passed('id', `ticket ${made} is cohort ${cohort}, shard ${shard}, index ${index}`)
    : failed(
        'id',
        `the ticket says id ${printable(id)}, but its cohort, shard and index make ${made}`,
      )
}

function cohortCheck(record: CohortRecord, ticket: TicketFile): Check {
  const ofRecord = `the record is of cohort ${record.cohort}`
  return record.cohort === ticket.cohort
    ? passed('cohort', `${ofRecord}, the ticket's own`)
    : failed('cohort', `${ofRecord}, the ticket of cohort ${ticket.cohort}`)
}

function commitmentCheck(record: CohortRecord, ticket: TicketFile): Check {
  return record.commitment === ticket.commitment
    ? passed('commitment', 'the record shows the commitment that the ticket was given with')
    : failed('commitment', 'the record shows another commitment than the ticket was given with')
}

function seedCheck(record: CohortRecord, ticket: TicketFile): Check {
  const sameHash = 'SHA-256 of the revealed seed is that commitment'
  return keepsCommitment(record, ticket.commitment)
    ? passed('seed', `${sameHash}: the draw was fixed before the cohort closed`)
    : failed('seed', 'SHA-256 of the revealed seed is not that commitment: the seed was changed')
}

function indexCheck({ sizes, base, cohort }: CohortRecord, { shard, index }: TicketFile): Check {
  const size = sizes[shard] ?? 0
  const total = cohortSize(sizes)
  if (total > COHORT_SIZE_MAX || !Number.isSafeInteger(base + total)) {
    const says = `the record counts ${total} indexes, at most ${COHORT_SIZE_MAX} are possible`
    return failed('index', says)
  }
  return index < size
    ? passed('index', `index ${index} is among the ${size} that shard ${shard} gave out`)
    : failed(
        'index',
        `index ${index} is not in the record: shard ${shard} of cohort ${cohort} gave out ${size}`,
      )
}

/** @param place as the draw gives it. */
function placeCheck(record: CohortRecord, { place: told }: TicketFile, place: number): Check {
  const first = record.base + 1
  const last = record.base + cohortSize(record.sizes)
  return told === undefined || told === place
    ? passed('place', `the draw gives place ${place}, in the cohort's places ${first} to ${last}`)
    : failed('place', `the draw gives place ${place}, but the ticket file says ${told}`)
}

function passed(check: CheckName, says: string): Check {
  return { check, status: 'passed', says }
}

function failed(check: CheckName, says: string): Check {
  return { check, status: 'failed', says }
}

function reportText(report: VerifyReport): string {
  const steps = aligned(
    report.checks.map(({ check, status, says }) => [
      status === 'passed' ? 'ok' : 'FAILED',
      check,
      says,
    ]),
  )
  const verdict =
    report.status === 'verified'
      ? `verified: place ${report.place}`
      : `not verified: the check "${report.failed}" failed`
  return `${steps}\n${verdict}`
}
