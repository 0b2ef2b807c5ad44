/** Watches every write to the table, tells the truth what it means, and every law of it. */
import { storedRoomConfig } from '../../lib/queue/room/config-input.ts'
import { EPOCH_MS } from '../../lib/rehearsal/cloud/instances.ts'
import type { Parsed } from '../../lib/rehearsal/cloud/store.ts'
import type { Item } from '../../lib/store/dynamodb/items.ts'
import type { Call } from './calls.ts'
import type { Witness } from './connections.ts'
import { SKEW_MS } from './fleet.ts'
import type { CounterFacts, Law } from './laws/law.ts'
import type { HouseFacts, Truth } from './truth.ts'

export function createWitness(truth: Truth, laws: readonly Law[], parsed: Parsed): Witness {
  return {
    read({ sk }, call) {
      const version = truth.room()
      if (sk === 'STATE' && version !== undefined) {
        call.roomRead = { atMs: truth.nowMs(), version }
      }
      if (sk === 'HOUSE') for (const law of laws) law.houseRead?.(call)
    },
    wrote({ pk, sk }, before, after, call) {
      if (after === undefined) return
      switch (sk) {
        case 'CONFIG':
          truth.learn(storedRoomConfig(JSON.parse(String(after.json))), undefined)
          return
        case 'STATE':
          return stateWritten(after, call)
        case 'RECORD':
          return recordWritten(before, after)
        case 'COUNTER':
          for (const law of laws) law.counter?.(counterOf(pk, before), counterOf(pk, after))
          return
        case 'HOUSE':
          return houseWritten(before, after, call)
        case 'CLAIM':
          return claimWritten(pk, before, after, call)
        default:
          return
      }
    },
  }

  function stateWritten(item: Item, call: Call): void {
    const before = truth.room()?.state
    const after = parsed.state(item)
    if (before !== undefined && call.kind === 'tick' && before.manual > after.manual) {
      truth.byHand.push({ atMs: truth.nowMs(), places: before.manual - after.manual })
    }
    truth.learn(undefined, after)
    for (const law of laws) law.state?.(before, after, call)
  }

  function recordWritten(itemBefore: Item | undefined, item: Item): void {
    const record = parsed.record(item)
    const before = itemBefore && parsed.record(itemBefore)
    truth.records.set(record.cohort, record)
    for (const law of laws) law.record?.(before, record)
  }

  function houseWritten(itemBefore: Item | undefined, item: Item, call: Call): void {
    const [before, after] = [truth.house, houseOf(item)]
    truth.house = after
    if (call.kind === 'tick') truth.limitReadAtMs = call.roomRead?.atMs ?? 0
    const counted = { atMs: truth.nowMs(), limitReadAtMs: truth.limitReadAtMs }
    if (call.kind === 'turn') {
      call.counted = after.entered > before.entered ? counted : undefined
      truth.unclaimed += after.entered - before.entered - (after.gone - before.gone)
    }
    for (let number = before.through; number < after.through; number++) {
      truth.through.set(number, { ...counted, slot: slotThatGrew(itemBefore, item) })
    }
    for (const law of laws) law.house?.(before, after, call)
  }

  function claimWritten(pk: string, before: Item | undefined, after: Item, call: Call): void {
    const id = ticketIdOf(pk, truth)
    const person = truth.person(id)
    const passId = String(after.passId ?? '')
    if (after.departedAtMs !== undefined && after.departedAtMs !== before?.departedAtMs) {
      const entry = person.entries.get(passId) ?? { departedAtMs: undefined }
      entry.departedAtMs = truth.nowMs()
      person.entries.set(passId, entry)
      call.marked = id
      truth.leave(id)
      return
    }
    if (passId !== '' && passId !== String(before?.passId ?? '')) {
      if (call.counted !== undefined) {
        truth.unclaimed--
        person.limitReadAtMs = call.counted.limitReadAtMs
      }
      person.entries.set(passId, { departedAtMs: undefined })
      // The gate's clock may be slow.
      truth.enter(person, Number(after.sessionEndsAtMs) - EPOCH_MS + SKEW_MS)
      for (const law of laws) law.entered?.(id, passId, call)
      return
    }
    // A departure that could not be counted is taken back, and told again.
    const entry = person.entries.get(passId)
    if (entry !== undefined && after.departedAtMs === undefined) entry.departedAtMs = undefined
  }
}

/** `ROOM#room#CLAIM#ticket`, or `ROOM#room#THROUGH#number`. */
function ticketIdOf(pk: string, truth: Truth): string {
  const [, , kind, name = ''] = pk.split('#')
  if (kind === 'CLAIM') return name
  return `${truth.through.get(Number(name))?.slot}.999.${name}`
}

/** `ROOM#room#COHORT#n#SHARD#s` */
function counterOf(pk: string, item: Item | undefined): CounterFacts {
  const [, , , cohort, , shard] = pk.split('#')
  return {
    name: pk,
    cohort: Number(cohort),
    shard: Number(shard),
    leased: Number(item?.leased ?? 0),
    isClosed: item?.closedAtMs !== undefined,
  }
}

function houseOf(item: Item): HouseFacts {
  const number = (name: string) => Number(item[name] ?? 0)
  let [inSlots, onHold, aged, oldestSlot] = [0, 0, 0, Number.POSITIVE_INFINITY]
  for (const [name, value] of Object.entries(item)) {
    if (name.startsWith('x_')) {
      inSlots += Number(value)
      if (Number(value) > 0) oldestSlot = Math.min(oldestSlot, slotOf(name))
    } else if (name.startsWith('h_')) onHold += Number(value)
    else if (name.startsWith('a_')) aged += Number(value)
  }
  return {
    entered: number('entered'),
    gone: number('gone'),
    limit: number('seatLimit'),
    seats: number('seats'),
    kept: number('kept'),
    spare: number('spare'),
    unheld: number('unheld'),
    held: number('heldNow'),
    through: number('through'),
    inSlots,
    onHold,
    aged,
    oldestSlot,
  }
}

function slotThatGrew(before: Item | undefined, after: Item): number {
  const grown = Object.keys(after).find(
    name => name.startsWith('x_') && Number(after[name]) > Number(before?.[name] ?? 0),
  )
  return slotOf(grown ?? 'x_0')
}

function slotOf(name: string): number {
  return Number.parseInt(name.slice(2), 36)
}
