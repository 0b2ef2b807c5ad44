/** `room let-in` and `room health`: an operator's hand on the door while the sale runs. */
import { HEALTH_ERROR_SHARE, HEALTH_LATENCY_MS, MANUAL_PLACES } from '../queue/limits.ts'
import { type Command, type OptionValues, unusable } from './command.ts'
import { came, decimalNumber, wholeNumber } from './numbers.ts'
import { operatorOf } from './operator.ts'
import { roomPath } from './room.ts'
import { roomLine } from './room-text.ts'

/** Lets so many in besides the rate. */
export const roomLetIn: Command['run'] = async ([id = '', text = ''], options, io) => {
  const path = roomPath(id)
  const places = wholeNumber('PLACES', text, MANUAL_PLACES)
  const operator = operatorOf(options, io)
  const { body } = await operator.request('POST', `${path}/let-in`, { places })
  return { exitCode: 0, json: body, text: () => roomLine(`lets ${places} more in`, body) }
}

/** Says how the showroom fares. */
export const roomHealth: Command['run'] = async ([id = ''], options, io) => {
  const path = roomPath(id)
  const report = reportOf(options)
  const { body } = await operatorOf(options, io).request('POST', `${path}/health`, report)
  return { exitCode: 0, json: body, text: () => roomLine('heard of its showroom', body) }
}

function reportOf(options: OptionValues) {
  const { alarm, 'latency-ms': latency, 'error-rate': errors } = options
  if (alarm !== undefined) {
    if (latency !== undefined || errors !== undefined) throw eitherOr('both came')
    if (alarm === 'on' || alarm === 'off') return { alarm: alarm === 'on' }
    throw came('--alarm', alarm, 'on or off')
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
