/** The operator: makes the room before anybody comes, and tells it when all is sold. */
import { SESSION_SECONDS } from '../../queue/limits.ts'
import type { RoomConfig } from '../../queue/room/config.ts'
import type { Room } from '../../queue/room/state.ts'
import { patchRoom, putRoom } from '../../service/operator/operate.ts'
import type { Plan } from '../plan/options.ts'
import type { Timeline } from '../time/timeline.ts'
import type { Cloud } from './cloud.ts'
import type { Environment } from './functions.ts'
import { EPOCH_MS, ROOM } from './instances.ts'
import { createRehearsalStore } from './store.ts'

export interface Operator {
  /** By the operators' own code, without limits. */
  makeRoom(plan: Plan, opensMs: number): Promise<Room>
  /** Says that nothing is left, and says it again until it is heard. */
  sellOut(): void
}

/** After a failure it is said again after this. */
const AGAIN_MS = 1_000

export function createOperator(cloud: Cloud, timeline: Timeline): Operator {
  const { table, parsed, keys, functions, instances } = cloud
  const { ticks } = cloud.queues
  const now = () => EPOCH_MS + timeline.nowMs()

  const sellOut = () => {
    const again = () => timeline.after(AGAIN_MS, sellOut)
    const work = async (environment: Environment) => {
      const store = instances.storeOf(environment)
      await patchRoom({ store, ticks, now }, ROOM, { stock: 0 }).catch(again)
    }
    if (!functions.invoke('operator', work, () => {})) again()
  }

  return {
    sellOut,
    async makeRoom(plan, opensMs) {
      const items = table.itemsOver({ send: async request => request.apply(table.find) })
      const store = createRehearsalStore(items, parsed)
      const config = configOf(plan, EPOCH_MS + opensMs)
      const { room } = await putRoom({ store, keys, ticks, now }, ROOM, config)
      return room
    },
  }
}

/** A session lasts at least as long as the longest stay: nobody's session ends while they are inside. */
function configOf(plan: Plan, opensAtMs: number) {
  return {
    showroomUrl: 'https://shop.example/sale',
    opensAt: new Date(opensAtMs).toISOString(),
    ratePerMinute: plan.ratePerMinute,
    capacity: plan.capacity,
    stock: plan.stock,
    arrivalWindowSeconds: plan.windowSeconds,
    turnSeconds: plan.turnSeconds,
    sessionSeconds: Math.max(SESSION_SECONDS.default, Math.ceil(plan.stayMs.max / 1000)),
  } satisfies Partial<RoomConfig>
}
