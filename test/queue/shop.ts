/** A room and its showroom, without a store: ticks each second, people who walk in, stay and leave. */

import { forecastOf } from '../../lib/queue/admission/forecast.ts'
import { tick } from '../../lib/queue/admission/tick.ts'
import type { Arrivals } from '../../lib/queue/cohort/arrivals.ts'
import { EMPTY_HOUSE, type House, insideOf } from '../../lib/queue/house/house.ts'
import { seatOf } from '../../lib/queue/house/slots.ts'
import type { RoomConfig } from '../../lib/queue/room/config.ts'
import { lineOf, linesOf, MAIN_LINE } from '../../lib/queue/room/lines.ts'
import { phaseOf } from '../../lib/queue/room/phase.ts'
import type { RoomState } from '../../lib/queue/room/state.ts'
import { ordersOf } from './orders.ts'
import { OPENS_MS, openState, roomConfig } from './rooms.ts'
import { nobody, recordOf } from './ticks.ts'

export interface Crowd {
  readonly line: number
  /** The share of those let in who come. */
  readonly showUp?: number
  /** How long after their turn began people come, ms. */
  readonly comeMs?: readonly [number, number]
  readonly stayMs?: readonly [number, number]
  /** The share of those inside who buy. */
  readonly buyers?: number
  /** The share of those who leave without buying of whom the room is told. */
  readonly told?: number
  readonly seed?: number
}

interface Visit {
  readonly turnAtMs: number
  atMs: number
  isHeld: boolean
}

export function createShop(input: Record<string, unknown>, crowd: Crowd) {
  const { showUp = 1, comeMs = [500, 4_000], stayMs = [1e9, 1e9] } = crowd
  const { buyers = 0, told = 1 } = crowd
  let config: RoomConfig = roomConfig(input)
  let state: RoomState = openState(crowd.line)
  let nowMs = OPENS_MS - 1_000
  let seed = crowd.seed ?? 1
  const chance = () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const between = ([from, to]: readonly [number, number]) => from + chance() * (to - from)
  const house = {
    ...EMPTY_HOUSE,
    seats: new Map<number, number>(),
    byTurn: new Map<number, number>(),
    held: new Map<number, number>(),
    ageClasses: [] as number[],
  }
  const joining = new Map<string, number>()
  let coming: Visit[] = []
  let leaving: { atMs: number; seatSlot: number }[] = []
  let [claimed, metFullHouse, handed] = [0, 0, 0]
  const add = <Key>(map: Map<Key, number>, key: Key, count: number) =>
    map.set(key, (map.get(key) ?? 0) + count)

  const enter = (visit: Visit) => {
    const seat = seatIn(visit)
    add(house.seats, seat.seatSlot, 1)
    add(house.byTurn, seat.turnSlot, 1)
    house.ageClasses[seat.ageClass] = (house.ageClasses[seat.ageClass] ?? 0) + 1
    Object.assign(house, { entered: house.entered + 1 })
    leaving.push({ atMs: visit.atMs + between(stayMs), seatSlot: seat.seatSlot })
  }
  const seatIn = (visit: Visit) => {
    const sessionEndsAtMs = visit.atMs + config.sessionSeconds * 1000
    return seatOf({ ...visit, enteredAtMs: visit.atMs, sessionEndsAtMs }, config)
  }
  const claim = (visit: Visit) => {
    // While the room is paused, closed or sold out everybody is refused, and asks again.
    if (phaseOf({ config, state }, nowMs) !== 'open') {
      coming.push({ ...visit, atMs: nowMs + 2_000 })
      return
    }
    const held = [...house.held.values()].reduce((sum, count) => sum + count, 0)
    const isFree = house.limit - house.entered > (visit.isHeld ? 0 : held)
    if (!visit.isHeld) claimed++
    if (isFree) {
      if (visit.isHeld) house.held.set(0, (house.held.get(0) ?? 0) - 1)
      enter(visit)
      return
    }
    if (!visit.isHeld) {
      metFullHouse++
      // Far in the future: here nobody's hold lapses.
      add(house.held, 0, 1)
    }
    coming.push({ ...visit, atMs: nowMs + 2_000, isHeld: true })
  }
  const leave = ({ seatSlot }: { seatSlot: number }) => {
    if ((house.seats.get(seatSlot) ?? 0) === 0) return
    const isBuyer = chance() < buyers
    if (!isBuyer && told < 1 && chance() >= told) return
    add(house.seats, seatSlot, -1)
    Object.assign(house, {
      gone: house.gone + 1,
      unspentSeconds: house.unspentSeconds + Math.max(0, seatSlot - Math.floor(nowMs / 1000)),
      ...(isBuyer ? { bought: house.bought + 1 } : { left: house.left + 1 }),
    })
  }
  const order = () => {
    const orders = ordersOf({ config, state }, house, nowMs)
    if (orders === undefined) return
    const { limit, reserved: kept, lateSeats } = orders
    let { gone, over } = house
    for (const slot of orders.expired) {
      gone += house.seats.get(slot) ?? 0
      over += house.seats.get(slot) ?? 0
      house.seats.delete(slot)
    }
    for (const slot of orders.forgotten) house.byTurn.delete(slot)
    Object.assign(house, { limit, kept, lateSeats, gone, over })
  }

  /** Those who joined a line since its last tick are a cohort that this one closes. */
  const arrivalsOf = (name: string): Arrivals => {
    const line = lineOf(state, name)
    const count = joining.get(name) ?? 0
    joining.delete(name)
    const closed = line && count > 0 ? recordOf({ ...state, ...line }, count) : undefined
    return { closed, retried: 0, openCohortEmpty: false }
  }
  const tickNow = () => {
    const groups = Object.fromEntries(
      config.groups.map(({ name }) => [name, arrivalsOf(name)] as const),
    )
    const before = state
    const counts = { ...nobody, ...arrivalsOf(MAIN_LINE), groups, house }
    state = tick({ config, state }, counts, nowMs)
    handed += before.manual - state.manual
    order()
    const places = linesOf(state).reduce(
      (sum, { name, line }) => sum + line.front - (lineOf(before, name)?.front ?? 0),
      0,
    )
    for (let place = 0; place < places; place++) {
      if (chance() >= showUp) continue
      coming.push({ turnAtMs: nowMs, atMs: nowMs + between(comeMs), isHeld: false })
    }
  }

  return {
    /** So many seconds, with a tick in each. */
    run(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        nowMs += 1_000
        const isDue = ({ atMs }: { atMs: number }) => atMs <= nowMs
        const [claims, departures] = [coming.filter(isDue), leaving.filter(isDue)]
        coming = coming.filter(one => !isDue(one))
        leaving = leaving.filter(one => !isDue(one))
        for (const one of departures) leave(one)
        for (const one of claims.sort((a, b) => a.atMs - b.atMs)) claim(one)
        tickNow()
      }
    },
    /** One tick by a clock that is so far behind. */
    tickBehind(byMs: number) {
      nowMs -= byMs
      tickNow()
      nowMs += byMs
    },
    /** So many join a line by the next tick. */
    join: (count: number, name = MAIN_LINE) => add(joining, name, count),
    /** So many ask for the open way, as while nobody waits; how many went through. */
    goThrough(count: number) {
      const held = [...house.held.values()].reduce((sum, held) => sum + held, 0)
      const free = house.limit - house.entered - Math.max(house.reserved, held)
      const through = Math.max(0, Math.min(count, free))
      const seat = seatIn({ turnAtMs: nowMs, atMs: nowMs, isHeld: false })
      for (let visitor = 0; visitor < through; visitor++) {
        add(house.seats, seat.seatSlot, 1)
        leaving.push({ atMs: nowMs + between(stayMs), seatSlot: seat.seatSlot })
      }
      Object.assign(house, { entered: house.entered + through })
      return through
    },
    /** Other fields of the configuration, as it is by now. */
    edit: (more: Record<string, unknown>) => {
      config = roomConfig({ ...config, ...more })
    },
    configure: (more: Record<string, unknown>) => {
      config = roomConfig({ ...input, ...more })
    },
    change: (edit: (state: RoomState, config: RoomConfig, nowMs: number) => RoomState) => {
      state = edit(state, config, nowMs)
    },
    state: () => state,
    config: () => config,
    nowMs: () => nowMs,
    handed: () => handed,
    house: (): House => house,
    inside: () => insideOf(house),
    openTurns: () => forecastOf({ config, state }, house, nowMs).openTurns,
    claimed: () => claimed,
    metFullHouse: () => metFullHouse,
  }
}
