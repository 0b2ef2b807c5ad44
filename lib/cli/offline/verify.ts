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

/** The answer of `POST /r/:room/tickets`, with the place that somebody was told, if they like. */
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
  /** What was compared, and how it came out. */
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
  for (const check of [idOf, cohortOf, commitmentOf, seedOf, indexOf]) {
    const outcome = check(record, ticket)
    checks.push(outcome)
    if (outcome.status === 'failed') return { status: 'failed', failed: outcome.check, checks }
  }
  const place = placeIn(record, ticket.shard, ticket.index)
  const last = placeOf(record, ticket, place)
  checks.push(last)
  return last.status === 'passed'
    ? { status: 'verified', place, checks }
    : { status: 'failed', failed: 'place', checks }
}

/** A check that both outcomes are put in words for. */
function judged(check: CheckName, passed: boolean, whenPassed: string, whenFailed: string): Check {
  return {
    check,
    status: passed ? 'passed' : 'failed',
    says: passed ? whenPassed : whenFailed,
  }
}

function idOf(_record: CohortRecord, { id, cohort, shard, index }: TicketFile): Check {
  const expected = ticketId(cohort, shard, index)
  return judged(
    'id',
    id === expected,
    `ticket ${expected} is cohort ${cohort}, shard ${shard}, index ${index}`,
    `the ticket says id ${printable(id)}, but its cohort, shard and index make ${expected}`,
  )
}

function cohortOf(record: CohortRecord, ticket: TicketFile): Check {
  return judged(
    'cohort',
    record.cohort === ticket.cohort,
    `the record is of cohort ${record.cohort}, the ticket's own`,
    `the record is of cohort ${record.cohort}, the ticket of cohort ${ticket.cohort}`,
  )
}

function commitmentOf(record: CohortRecord, ticket: TicketFile): Check {
  return judged(
    'commitment',
    record.commitment === ticket.commitment,
    'the record shows the commitment that the ticket was given with',
    'the record shows another commitment than the ticket was given with',
  )
}

function seedOf(record: CohortRecord, ticket: TicketFile): Check {
  return judged(
    'seed',
    keepsCommitment(record, ticket.commitment),
    'SHA-256 of the revealed seed is that commitment: the draw was fixed before the cohort closed',
    'SHA-256 of the revealed seed is not that commitment: the seed was changed',
  )
}

function indexOf({ sizes, base, cohort }: CohortRecord, { shard, index }: TicketFile): Check {
  const size = sizes[shard] ?? 0
  const total = cohortSize(sizes)
  if (total > COHORT_SIZE_MAX || !Number.isSafeInteger(base + total)) {
    const says = `the record counts ${total} indexes, at most ${COHORT_SIZE_MAX} are possible`
    return { check: 'index', status: 'failed', says }
  }
  return judged(
    'index',
    index < size,
    `index ${index} is among the ${size} that shard ${shard} gave out`,
    `index ${index} is not in the record: shard ${shard} of cohort ${cohort} gave out ${size}`,
  )
}

function placeOf(record: CohortRecord, { place: told }: TicketFile, place: number): Check {
  const first = record.base + 1
  const last = record.base + cohortSize(record.sizes)
  return judged(
    'place',
    told === undefined || told === place,
    `the draw gives place ${place}, in the cohort's places ${first} to ${last}`,
    `the draw gives place ${place}, but the ticket file says ${told}`,
  )
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
