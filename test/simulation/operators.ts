/** Operators: they change their minds in the middle of a sale, and put everything right at the end. */

import type { KeyRing } from '../../lib/keys/key-ring.ts'
import { EPOCH_MS } from '../../lib/rehearsal/cloud/instances.ts'
import { between, type Chance } from '../../lib/rehearsal/time/chance.ts'
import type { Timeline } from '../../lib/rehearsal/time/timeline.ts'
import {
  actOnRoom,
  letIn,
  type OperateDeps,
  patchRoom,
  putRoom,
  reportHealth,
} from '../../lib/service/operator/operate.ts'
import { makeInvitations } from '../../lib/service/visit/invitations.ts'
import type { Fleet } from './fleet.ts'
import type { Queues } from './queues.ts'
import { GROUP, picker, ROOM, type Scenario } from './scenario.ts'
import type { Showroom } from './showroom.ts'

export interface Operators {
  /** Makes the room; `done` hears when it is there. */
  begin(done: () => void): void
  /** Does something that nobody planned. */
  meddle(): void
  /** Ends every trouble: seats, goods and rate for all, and the doors open. */
  putRight(): void
  /** Invitations to the group, as soon as they are made. */
  invite(count: number, done: (tokens: readonly string[]) => void): void
  readonly counts: Map<string, number>
}

export interface OperatorDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly fleet: Fleet
  readonly queues: Queues
  readonly keys: KeyRing
  readonly showroom: Showroom
  readonly scenario: Scenario
  readonly newId: () => string
}

type Act = (deps: OperateDeps) => Promise<unknown>

/** Tried again after this, where it must be done. */
const AGAIN_MS = 1_500
const PLENTY = 1_000

export function createOperators(deps: OperatorDeps): Operators {
  const { timeline, chance, fleet, queues, keys, showroom, scenario } = deps
  const pick = picker(chance)
  const counts = new Map<string, number>()

  /**
   * @param tries how often an act that failed is tried again.
   * @param untilMs not begun any more from then on.
   */
  const perform = (
    act: Act,
    tries: number,
    done: () => void = () => {},
    untilMs = Number.POSITIVE_INFINITY,
  ) => {
    if (timeline.nowMs() >= untilMs) return
    const instance = fleet.pick('operator')
    fleet.serve(
      instance,
      'operator',
      ({ store, now }) => act({ store, now, keys, ticks: queues.ticksFor(instance) }),
      answer => {
        if (answer.status === 'given') done()
        else if (tries > 0) timeline.after(AGAIN_MS, () => perform(act, tries - 1, done, untilMs))
      },
    )
  }
  /** Only in the rough time: later it would undo what was put right. */
  const meanwhile = (act: Act, tries: number, done?: () => void) =>
    perform(act, tries, done, scenario.roughMs)
  const patch =
    (change: object): Act =>
    operate =>
      patchRoom(operate, ROOM, change)
  const action =
    (name: 'open' | 'pause' | 'resume' | 'end'): Act =>
    operate =>
      actOnRoom(operate, ROOM, name)
  /** Does something, and takes it back after a while. */
  const forAWhile = (act: Act, back: Act) => {
    meanwhile(act, 1)
    timeline.after(between(chance, 1_000, 30_000), () => meanwhile(back, 20))
  }
  const inSeconds = (seconds: number) =>
    new Date(EPOCH_MS + timeline.nowMs() + seconds * 1_000).toISOString()

  const acts: Record<string, () => void> = {
    rate: () => meanwhile(patch({ ratePerMinute: pick([0, 6, 30, 60, 300, 600]) }), 1),
    capacity: () => meanwhile(patch({ capacity: pick([1, 2, 5, 10, 20, null]) }), 1),
    stock: () => {
      const stock = pick([null, 0, 5, 20])
      showroom.stock(stock)
      meanwhile(patch({ stock }), 1)
    },
    'stock told': () => showroom.tellStock(),
    'rate plan': () => {
      const at = [inSeconds(chance() * 20), inSeconds(20 + chance() * 20)]
      const ratePlan = at.map(time => ({ at: time, ratePerMinute: pick([0, 10, 60, 600]) }))
      meanwhile(patch({ ratePlan }), 1)
    },
    pause: () => forAWhile(action('pause'), action('resume')),
    'let in': () => meanwhile(operate => letIn(operate, ROOM, Math.ceil(chance() * 8)), 0),
    alarm: () =>
      forAWhile(
        operate => reportHealth(operate, ROOM, { alarm: true }),
        operate => reportHealth(operate, ROOM, { alarm: false }),
      ),
    report: () =>
      meanwhile(
        operate => reportHealth(operate, ROOM, { latencyMs: pick([10, 9_000]), errorRate: 0 }),
        1,
      ),
    mode: () =>
      forAWhile(
        patch({ mode: pick(['auto', 'line', 'off', 'closed']) }),
        patch({ mode: scenario.config.mode }),
      ),
    open: () => meanwhile(pick([action('open'), patch({ opensAt: inSeconds(5) })]), 1),
    closing: () =>
      forAWhile(patch({ closesAt: inSeconds(between(chance, 5, 60)) }), patch({ closesAt: null })),
    'another sale': () => {
      meanwhile(action('end'), 3, () => {
        timeline.after(between(chance, 100, 10_000), () =>
          meanwhile(operate => putRoom(operate, ROOM, scenario.config), 20),
        )
      })
    },
    'two at once': () => {
      meanwhile(patch({ message: 'one' }), 1)
      meanwhile(patch({ message: 'two', ratePerMinute: pick([60, 120]) }), 1)
    },
    nonsense: () => showroom.talkNonsense(),
  }
  const names = Object.keys(acts)
  // What one operator likes to do, again and again, goes deeper than a little of everything.
  const favourite = pick(names)

  return {
    counts,
    begin(done) {
      showroom.stock(scenario.config.stock)
      perform(operate => putRoom(operate, ROOM, scenario.config), PLENTY, done)
      const { opensByHandAtMs } = scenario
      if (opensByHandAtMs === null) return
      timeline.after(opensByHandAtMs, () => perform(action('open'), PLENTY))
    },
    meddle() {
      const name = chance() < 0.5 ? favourite : pick(names)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      acts[name]?.()
    },
    putRight() {
      showroom.stock(null)
      const plenty = {
        mode: 'line',
        capacity: pick([null, PLENTY]),
        ratePerMinute: 600,
        ratePlan: [],
        stock: null,
        closesAt: null,
        health: { holdSeconds: 1 },
      }
      const isOver: Act = async operate => {
        const room = await patchRoom(operate, ROOM, plenty)
        if (room.state.endedAtMs !== null) await putRoom(operate, ROOM, scenario.config)
        await patchRoom(operate, ROOM, plenty)
        await actOnRoom(operate, ROOM, 'open')
        await reportHealth(operate, ROOM, { alarm: false })
      }
      perform(isOver, PLENTY)
    },
    invite(count, done) {
      let tokens: readonly string[] = []
      const make: Act = async ({ store, now }) => {
        const room = await store.loadRoom(ROOM, { consistent: true })
        if (room === undefined) throw new Error('the room is there')
        const untilMs = now() + 3_600_000
        const made = makeInvitations({ keys, now, newId: deps.newId }, room, {
          group: GROUP,
          count,
          expiresAtMs: untilMs,
        })
        tokens = made.map(({ token }) => token)
      }
      perform(make, PLENTY, () => done(tokens))
    },
  }
}
