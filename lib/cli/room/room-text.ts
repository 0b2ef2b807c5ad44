/** Answers about rooms as text for people. */
import * as z from 'zod/mini'
import { type ConflictFacts, refused } from '../shared/command.ts'
import { aligned, cell, printable, timeText } from '../shared/text.ts'
import { fieldRows } from './room-fields.ts'

/** As much of the answers as is shown: a newer server may say more. */
const roomAnswerSchema = z.object({
  room: z.string(),
  phase: z.string(),
  config: z.record(z.string(), z.unknown()),
  state: z.object({
    front: z.int(),
    tail: z.int(),
    binding: z.optional(z.nullable(z.string())),
  }),
  version: z.int(),
})

const listAnswerSchema = z.object({
  rooms: z.array(
    z.object({ room: z.string(), phase: z.string(), wakesAtMs: z.nullable(z.number()) }),
  ),
})

const historyAnswerSchema = z.object({
  entries: z.array(
    z.object({ atMs: z.number(), kind: z.string(), facts: z.record(z.string(), z.unknown()) }),
  ),
})

/** One line after a change: what was done, and how the room stands. */
export function roomLine(done: string, body: unknown): string {
  const { room, phase, state } = parseAnswer(roomAnswerSchema, body)
  const stands = `phase ${printable(phase)}, front ${state.front}, tail ${state.tail}`
  return `room ${printable(room)}: ${done}; ${stands}`
}

/** A room and its configuration, one field a line, by the names that `room set` takes. */
export function roomText(body: unknown): string {
  const { room, phase, config, state, version } = parseAnswer(roomAnswerSchema, body)
  return aligned([
    ['room', cell(room)],
    ['phase', cell(phase)],
    ['front', cell(state.front)],
    ['tail', cell(state.tail)],
    // What keeps the next places from being let in.
    ...(state.binding == null ? [] : [['binding', cell(state.binding)]]),
    ['version', cell(version)],
    ...fieldRows(config),
  ])
}

/** What somebody else did to the room while an operator looked at an older version of it. */
export function conflictText({ version, changed }: ConflictFacts): string {
  const fields = Object.entries(changed).map(([field, value]) => [
    `  ${printable(field)}`,
    cell(value),
  ])
  return [
    ...(fields.length === 0 ? [] : ['Others changed, and it is now:', aligned(fields)]),
    `To change it all the same, look at it and add --if-version ${version}.`,
  ].join('\n')
}

export function roomListText(body: unknown): string {
  const { rooms } = parseAnswer(listAnswerSchema, body)
  if (rooms.length === 0) return 'no rooms'
  return aligned([
    ['ROOM', 'PHASE', 'WAKES'],
    ...rooms.map(({ room, phase, wakesAtMs }) => [cell(room), cell(phase), timeText(wakesAtMs)]),
  ])
}

export function roomHistoryText(body: unknown): string {
  const { entries } = parseAnswer(historyAnswerSchema, body)
  if (entries.length === 0) return 'no history yet'
  return aligned([
    ['TIME', 'KIND', 'FACTS'],
    ...entries.map(({ atMs, kind, facts }) => [timeText(atMs), cell(kind), factsText(facts)]),
  ])
}

function factsText(facts: Readonly<Record<string, unknown>>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${printable(name)}=${cell(value)}`)
    .join(' ')
}

/** @throws CliError `unexpected-answer`, naming the fields that are missing or of another kind. */
export function parseAnswer<Schema extends z.core.$ZodType>(
  schema: Schema,
  body: unknown,
): z.infer<Schema> {
  const outcome = z.safeParse(schema, body)
  if (outcome.success) return outcome.data
  const fields = outcome.error.issues.map(issue => printable(issue.path.join('.')) || 'body')
  throw refused(
    'unexpected-answer',
    `the server took the request, but its answer is not the one expected (${fields.join(', ')}); --json prints it as it came`,
  )
}
