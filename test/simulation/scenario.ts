/** What one seed plays: a small room, its crowd, its weather. Drawn once, before anything happens. */

import { EPOCH_MS } from '../../lib/rehearsal/cloud/instances.ts'
import { between, type Chance, createChance } from '../../lib/rehearsal/time/chance.ts'
import { CLEAR, type Span, type Weather } from './faults.ts'

export const ROOM = 'sale'
export const GROUP = 'club'

export interface Scenario {
  readonly seed: number
  /** What the operator puts at the beginning. */
  readonly config: RoomInput
  /** Things go wrong and operators change their minds until then; then everything is put right. */
  readonly roughMs: number
  readonly weather: Weather
  readonly outages: readonly Span[]
  readonly storms: readonly Span[]
  /** When each visitor comes. */
  readonly arrivalsMs: readonly number[]
  /** How many of them are invited to the group. */
  readonly invited: number
  /** When the operator does something that nobody planned. */
  readonly editsMs: readonly number[]
  /** An operator must open the room by hand. */
  readonly opensByHandAtMs: number | null
}

export interface RoomInput {
  readonly showroomUrl: string
  readonly mode: 'line' | 'auto'
  readonly opensAt: string | null
  readonly ratePerMinute: number
  readonly batchSeconds: number
  readonly turnSeconds: number
  readonly sessionSeconds: number
  readonly arrivalWindowSeconds: number
  readonly capacity: number | null
  readonly stock: number | null
  readonly health: { readonly holdSeconds: number; readonly floorPercent: number }
  readonly groups: readonly { readonly name: string; readonly sharePercent: number }[]
}

export function createScenario(seed: number): Scenario {
  const chance = createChance(seed, 'scenario')
  const pick = picker(chance)
  // In some rooms nobody comes for minutes, and then somebody does: it must not sleep on.
  const isLonely = chance() < 0.12
  const roughMs = isLonely
    ? 1_000 * Math.round(between(chance, 280, 320))
    : 1_000 * Math.round(between(chance, 35, 65) * pick([1, 1, 1, 1, 2, 6]))
  const opensInMs = pick([0, 0, 5_000, 20_000, null])
  const people = isLonely ? 12 : Math.round(10 + 60 * chance() ** 1.5)
  const config: RoomInput = {
    showroomUrl: 'https://shop.example/sale',
    mode: pick(['line', 'line', 'auto']),
    opensAt: opensInMs === null ? null : new Date(EPOCH_MS + opensInMs).toISOString(),
    ratePerMinute: pick([6, 12, 30, 60, 120, 300, 600]),
    batchSeconds: pick([1, 1, 2, 3, 5]),
    turnSeconds: Math.round(between(chance, 10, 60)),
    sessionSeconds: Math.round(15 + 105 * chance() ** 2),
    arrivalWindowSeconds: pick([1, 2, 5, 10]),
    capacity: pick([
      null,
      Math.ceil(chance() * 4),
      Math.ceil(chance() * 12),
      Math.ceil(chance() * 20),
    ]),
    stock: pick([null, null, Math.ceil(chance() * 30)]),
    health: { holdSeconds: Math.ceil(chance() * 5), floorPercent: pick([0, 10, 50]) },
    groups: chance() < 0.3 ? [{ name: GROUP, sharePercent: pick([10, 30, 60]) }] : [],
  }
  return {
    seed,
    config,
    roughMs,
    weather: weatherOf(chance),
    outages: spans(chance, roughMs, pick([0, 0, 0, 1, 2]), 30_000),
    storms: spans(chance, roughMs, pick([0, 0, 1]), 8_000),
    arrivalsMs: isLonely ? lonely(chance, people) : arrivals(chance, people, roughMs),
    invited: config.groups.length === 0 ? 0 : Math.floor(people * between(chance, 0.1, 0.4)),
    editsMs: Array.from({ length: pick([0, 1, 3, 6, 12]) }, () => chance() * roughMs),
    opensByHandAtMs: opensInMs === null ? Math.round(chance() * 20_000) : null,
  }
}

export type Pick = <Choice>(choices: readonly Choice[]) => Choice

export function picker(chance: Chance): Pick {
  return choices => {
    const at = Math.floor(chance() * choices.length)
    // `at` is below the length of a list that is never empty.
    return choices[at] as (typeof choices)[number]
  }
}

/** From clear skies to everything at once. */
function weatherOf(chance: Chance): Weather {
  if (chance() < 0.1) return CLEAR
  const strength = chance() ** 2
  const share = (most: number) => (chance() < 0.3 ? 0 : chance() * strength * most)
  return {
    refused: share(0.1),
    lost: share(0.1),
    repeated: share(0.1),
    fatal: share(0.03),
    slow: share(0.2),
    stale: share(1),
    tickLost: share(0.3),
    tickDoubled: share(0.3),
    late: share(0.3),
    wordDoubled: share(1),
    queueAway: share(0.1),
  }
}

function spans(chance: Chance, untilMs: number, count: number, longestMs: number): Span[] {
  return Array.from({ length: count }, () => {
    const fromMs = chance() * untilMs
    return { fromMs, toMs: Math.min(untilMs, fromMs + chance() * longestMs) }
  })
}

/** Most at the beginning, and the others one by one when the last ticks that were sent are gone. */
function lonely(chance: Chance, people: number): number[] {
  const late = 3
  return Array.from({ length: people }, (_, visitor) =>
    visitor < people - late ? chance() * 10_000 : 190_000 + chance() * 50_000,
  )
}

/** Some come at once, some one by one. */
function arrivals(chance: Chance, people: number, untilMs: number): number[] {
  const crowds = Array.from({ length: 3 }, () => (chance() ** 2 * untilMs) / 2)
  const trickle = chance()
  return Array.from({ length: people }, (_, visitor) => {
    if (chance() < trickle) return chance() * untilMs
    return (crowds[visitor % crowds.length] ?? 0) + chance() * 1_500
  })
}
