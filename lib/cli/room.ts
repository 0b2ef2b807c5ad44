/** `room ...`: the operator's commands for one room and for all of them. */
import { AntichambreError } from '../queue/errors.ts'
import { parseOrName, parseRoomId, roomPatchSchema } from '../queue/room-config.ts'
import { type Command, type CommandResult, unusable } from './command.ts'
import { readJson } from './files.ts'
import { operatorOf } from './operator.ts'
import { roomHistoryText, roomLine, roomListText, roomText } from './room-text.ts'
import { printable } from './text.ts'

type Run = Command['run']

/** Makes a room from a file, or replaces its configuration. The file is read before anything is sent. */
export const roomPut: Run = async ([id = '', file = ''], options, io) => {
  const path = roomPath(id)
  const operator = operatorOf(options, io)
  const config = await readJson(file, io)
  const { httpStatus, body } = await operator.request('PUT', path, config)
  return shown(body, () => roomLine(httpStatus === 201 ? 'created' : 'replaced', body))
}

export const roomGet: Run = async ([id = ''], options, io) => {
  const { body } = await operatorOf(options, io).request('GET', roomPath(id))
  return shown(body, () => roomText(body))
}

export const roomList: Run = async (_operands, options, io) => {
  const { body } = await operatorOf(options, io).request('GET', 'rooms')
  return shown(body, () => roomListText(body))
}

/** What each action has done once the server took it. */
export const ACTIONS = {
  open: 'opened',
  pause: 'paused',
  resume: 'resumed',
  end: 'ended',
} as const

export function roomAction(action: keyof typeof ACTIONS): Run {
  return async ([id = ''], options, io) => {
    const { body } = await operatorOf(options, io).request('POST', `${roomPath(id)}/${action}`)
    return shown(body, () => roomLine(ACTIONS[action], body))
  }
}

/** Changes some fields of a room while its sale runs. */
export const roomSet: Run = async ([id = '', ...pairs], options, io) => {
  const path = roomPath(id)
  const patch = patchOf(pairs)
  const { body } = await operatorOf(options, io).request('PATCH', path, patch)
  return shown(body, () => roomLine('changed', body))
}

export const roomDelete: Run = async ([id = ''], options, io) => {
  await operatorOf(options, io).request('DELETE', roomPath(id))
  return shown({ room: id, deleted: true }, () => `room ${id}: deleted`)
}

export const roomHistory: Run = async ([id = ''], options, io) => {
  const { body } = await operatorOf(options, io).request('GET', `${roomPath(id)}/history`)
  return shown(body, () => roomHistoryText(body))
}

const NUMBERS = ['ratePerMinute', 'capacity', 'stock']
/** The fields that `room set` may change, in the order of the help. */
export const SETTABLE = [...NUMBERS, 'message', 'opensAt', 'closesAt']

/**
 * `key=value` pairs as the body of a PATCH. `null` takes a limit, a time or a message away.
 * @throws CliError `usage`, naming every pair that is wrong.
 */
export function patchOf(pairs: readonly string[]): Record<string, string | number | null> {
  const patch = new Map<string, string | number | null>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const key = at < 0 ? pair : pair.slice(0, at)
    if (at < 1) throw unusable('usage', `"${printable(pair)}" came, key=value is allowed`)
    if (!SETTABLE.includes(key)) {
      throw unusable(
        'usage',
        `${printable(key)}: no such field; ${SETTABLE.join(', ')} are allowed`,
      )
    }
    if (patch.has(key)) throw unusable('usage', `${key} came twice`)
    patch.set(key, fieldValue(key, pair.slice(at + 1)))
  }
  const given = Object.fromEntries(patch)
  try {
    parseOrName(roomPatchSchema, given)
  } catch (error) {
    throw error instanceof AntichambreError ? unusable('usage', error.message) : error
  }
  return given
}

function fieldValue(key: string, text: string): string | number | null {
  if (text === 'null') return null
  if (!NUMBERS.includes(key)) return text
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw unusable('usage', `${key}: "${printable(text)}" came, a whole number or null is allowed`)
}

function shown(json: unknown, text: () => string): CommandResult {
  return { exitCode: 0, json, text }
}

/** @throws CliError `usage`: an id that no room can have is not sent. */
function roomPath(id: string): string {
  try {
    return `rooms/${parseRoomId(id)}`
  } catch (error) {
    if (!(error instanceof AntichambreError)) throw error
    throw unusable('usage', `"${printable(id)}" came; ${error.message}`)
  }
}
