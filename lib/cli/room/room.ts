/** `room ...`: the operator's commands for one room and for all of them. */
import { parseRoomId } from '../../queue/address/room-path.ts'
import { AntichambreError } from '../../queue/errors.ts'
import { HEALTH_ERROR_SHARE, HEALTH_LATENCY_MS, MANUAL_PLACES } from '../../queue/limits.ts'
import { type Command, type CommandResult, type OptionValues, unusable } from '../shared/command.ts'
import { readJson } from '../shared/files.ts'
import { operatorOf } from '../shared/operator.ts'
import { printable } from '../shared/text.ts'
import { decimalNumber, wholeNumber, wrongValue } from '../shared/values.ts'
import { patchOf } from './room-fields.ts'
import { roomHistoryText, roomLine, roomListText, roomText } from './room-text.ts'

type Run = Command['run']

/** Makes a room from a file, or replaces its configuration. The file is read before anything is sent. */
export const roomPut: Run = async ([id = '', file = ''], options, io) => {
  const path = roomPath(id)
  const ifVersion = versionOf(options)
  const operator = operatorOf(options, io)
  const config = await readJson(file, io)
  const { httpStatus, body } = await operator.request('PUT', path, config, ifVersion)
  return succeeded(body, () => roomLine(httpStatus === 201 ? 'created' : 'replaced', body))
}

export const roomGet: Run = async ([id = ''], options, io) => {
  const { body } = await operatorOf(options, io).request('GET', roomPath(id))
  return succeeded(body, () => roomText(body))
}

export const roomList: Run = async (_operands, options, io) => {
  const { body } = await operatorOf(options, io).request('GET', 'rooms')
  return succeeded(body, () => roomListText(body))
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
    return succeeded(body, () => roomLine(ACTIONS[action], body))
  }
}

/** Changes some fields of a room while its sale runs. */
export const roomSet: Run = async ([id = '', ...pairs], options, io) => {
  const path = roomPath(id)
  const patch = patchOf(pairs)
  const ifVersion = versionOf(options)
  const { body } = await operatorOf(options, io).request('PATCH', path, patch, ifVersion)
  return succeeded(body, () => roomLine('changed', body))
}

/** Lets so many in besides the rate. */
export const roomLetIn: Run = async ([id = '', text = ''], options, io) => {
  const path = roomPath(id)
  const places = wholeNumber('PLACES', text, MANUAL_PLACES)
  const operator = operatorOf(options, io)
  const { body } = await operator.request('POST', `${path}/let-in`, { places })
  return succeeded(body, () => roomLine(`lets ${places} more in`, body))
}

/** Says how the showroom fares. */
export const roomHealth: Run = async ([id = ''], options, io) => {
  const path = roomPath(id)
  const report = reportOf(options)
  const { body } = await operatorOf(options, io).request('POST', `${path}/health`, report)
  return succeeded(body, () => roomLine('heard of its showroom', body))
}

export const roomDelete: Run = async ([id = ''], options, io) => {
  await operatorOf(options, io).request('DELETE', roomPath(id))
  return succeeded({ room: id, deleted: true }, () => `room ${id}: deleted`)
}

export const roomHistory: Run = async ([id = ''], options, io) => {
  const { body } = await operatorOf(options, io).request('GET', `${roomPath(id)}/history`)
  return succeeded(body, () => roomHistoryText(body))
}

export function roomPath(id: string): string {
  return `rooms/${checkedRoom(id)}`
}

/** @throws CliError `usage`: an id that no room can have is not sent. */
export function checkedRoom(id: string): string {
  try {
    return parseRoomId(id)
  } catch (error) {
    if (!(error instanceof AntichambreError)) throw error
    throw unusable('usage', `"${printable(id)}" came; ${error.message}`)
  }
}

/** The version that the operator saw; undefined: whatever it is now. */
function versionOf({ 'if-version': text }: OptionValues): number | undefined {
  return text === undefined ? undefined : wholeNumber('--if-version', text, VERSIONS)
}

const VERSIONS = { min: 0, max: Number.MAX_SAFE_INTEGER }

function succeeded(json: unknown, text: () => string): CommandResult {
  return { exitCode: 0, json, text }
}

function reportOf(options: OptionValues) {
  const { alarm, 'latency-ms': latency, 'error-rate': errors } = options
  if (alarm !== undefined) {
    if (latency !== undefined || errors !== undefined) throw eitherOr('both came')
    if (alarm === 'on' || alarm === 'off') return { alarm: alarm === 'on' }
    throw wrongValue('--alarm', alarm, 'on or off')
  }
  if (latency === undefined || errors === undefined) {
    const missing = latency === undefined ? '--latency-ms' : '--error-rate'
    throw eitherOr(`${missing} is missing`)
  }
  return {
    latencyMs: decimalNumber('--latency-ms', latency, { min: 0, max: HEALTH_LATENCY_MS.max }),
    errorRate: decimalNumber('--error-rate', errors, HEALTH_ERROR_SHARE),
  }
}

function eitherOr(what: string) {
  return unusable('usage', `${what}; either --alarm, or --latency-ms and --error-rate, is allowed`)
}
