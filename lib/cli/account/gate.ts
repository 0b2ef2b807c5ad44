/** `gate ...`: reads and changes a gate on CloudFront by its key value store. No key is ever printed. */
import { edgeStoreKey } from '../../gate/edge/request/edge-config.ts'
import { type EdgeMode, type EdgeReading, readEdgeValue, withMode } from '../../gate/edge/stored.ts'
import { changeEdgeValue, type EdgeStore } from '../../keys/edge-store.ts'
import { checkedRoom } from '../room/room.ts'
import { type CliIo, type Command, type OptionValues, refused } from '../shared/command.ts'
import { aligned, printable, timeText } from '../shared/text.ts'
import { instant, wrongValue } from '../shared/values.ts'
import { askAws, awsAccount } from './account.ts'

/** Longer than this is a mistake: a gate that would be forgotten, or a year mistyped. */
const OPEN_DAYS_MAX = 7
const DAY_MS = 86_400_000

/** Shows a gate's mode and the ids of its keys. */
export const gateGet: Command['run'] = async ([id = ''], options, io) => {
  const room = checkedRoom(id)
  const reading = await readGate(room, options, io)
  if (reading === undefined) throw noGate(room)
  const { keyIds: keys, mode } = reading
  return {
    exitCode: 0,
    json: { room, mode: modeJson(mode), keys },
    text: () =>
      aligned([
        ['mode', modeText(mode)],
        ['keys', keys.length === 0 ? '-' : keys.map(printable).join(', ')],
      ]),
  }
}

/** Switches a gate without a deployment. */
export const gateMode: Command['run'] = async ([id = '', text = ''], options, io) => {
  const room = checkedRoom(id)
  const mode = modeOf(text, io.now?.() ?? Date.now())
  await inStore(options, io, store =>
    changeEdgeValue(store, edgeStoreKey(room), value => {
      // This store has no gate of that room: nothing would read the value.
      if (value === undefined) throw noGate(room)
      return withMode(value, mode)
    }),
  )
  return {
    exitCode: 0,
    json: { room, mode: modeJson(mode) },
    text: () => `${room}: the gate is ${modeText(mode)}; within a minute or so, everywhere`,
  }
}

/** @returns undefined where the store knows no gate of this room. */
export async function readGate(
  room: string,
  options: OptionValues,
  io: CliIo,
): Promise<EdgeReading | undefined> {
  const { text } = await inStore(options, io, store => store.read(edgeStoreKey(room)))
  return text === undefined ? undefined : readEdgeValue(text, io.now?.() ?? Date.now())
}

export function modeText(mode: EdgeMode): string {
  return typeof mode === 'string' ? mode : `open until ${timeText(mode.openUntilMs)}`
}

function modeJson(mode: EdgeMode) {
  return typeof mode === 'string' ? mode : { openUntil: timeText(mode.openUntilMs) }
}

function modeOf(text: string, nowMs: number): EdgeMode {
  if (text === 'on' || text === 'off') return text
  const [, time] = /^openUntil=(.*)$/s.exec(text) ?? []
  if (time === undefined) throw wrongValue('MODE', text, 'on, off or openUntil=TIME')
  const openUntilMs = Date.parse(instant('openUntil', time))
  if (openUntilMs > nowMs && openUntilMs <= nowMs + OPEN_DAYS_MAX * DAY_MS) return { openUntilMs }
  throw wrongValue('openUntil', time, `a time to come, within ${OPEN_DAYS_MAX} days,`)
}

async function inStore<Value>(
  { store: arn = '' }: OptionValues,
  io: CliIo,
  call: (store: EdgeStore) => Promise<Value>,
): Promise<Value> {
  if (!/^arn:aws:cloudfront::\d+:key-value-store\/[\w-]+$/.test(arn)) {
    throw wrongValue('--store', arn, 'arn:aws:cloudfront::ACCOUNT:key-value-store/ID')
  }
  const account = io.account ?? awsAccount
  return askAws('the store', async () => call(await account.edgeStore(arn)))
}

function noGate(room: string) {
  return refused('not-found', `the store knows no gate of the room ${room}`)
}
