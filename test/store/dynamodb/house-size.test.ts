import { expect, test } from 'vitest'
import { holdSlot, seatSlot, turnSlot } from '../../../lib/queue/house/slots.ts'
import {
  AGE_SECONDS,
  HOLD_BUCKET_SECONDS,
  HOLD_SECONDS_MAX,
  SESSION_SECONDS,
  TURN_SECONDS,
} from '../../../lib/queue/limits.ts'
import { bytesOf } from '../../../lib/rehearsal/cloud/table.ts'
import { counter } from '../../../lib/store/dynamodb/house.ts'
import type { Item } from '../../../lib/store/dynamodb/items.ts'
import { itemKey } from '../../../lib/store/table.ts'
import { NOW_MS } from '../../contract/samples.ts'

/** One write unit (DynamoDB pricing). */
const WRITE_BYTES = 1_024
/** A house of a million entries, ten thousand of them in every slot. */
const [EVER, IN_SLOT] = [1_234_567, 12_345]

/** Every moment of a stretch that ends now, a second apart, or as much as makes 10,000 moments. */
function moments(seconds: number): number[] {
  const stepMs = Math.max(100, (seconds * 1000) / 10_000)
  return Array.from(
    { length: Math.ceil((seconds * 1000) / stepMs) + 1 },
    (_, at) => NOW_MS - at * stepMs,
  )
}

function busiestHouse(room: string, sessionSeconds: number, turnSeconds: number): Item {
  const names = new Set([
    ...moments(sessionSeconds).map(ms => counter.seats(seatSlot(ms, sessionSeconds))),
    ...moments(turnSeconds).map(ms => counter.byTurn(turnSlot(ms, turnSeconds))),
    ...moments(HOLD_SECONDS_MAX + HOLD_BUCKET_SECONDS).map(ms => counter.held(holdSlot(ms))),
  ])
  const totals = ['entered', 'gone', 'seatLimit', 'through']
  const others = ['seats', 'kept', 'lateSeats', 'heldNow', 'spare', 'unheld']
  const ages = [...AGE_SECONDS, null].map((_, ageClass) => counter.ages(ageClass))
  const sales = [40, 41].flatMap(epoch => [counter.bought(epoch), counter.left(epoch)])
  const visits = { [counter.over(41)]: IN_SLOT, [counter.unspentSeconds(41)]: EVER * 900 }
  return {
    ...itemKey.house(room),
    writer: 'x'.repeat(12),
    ...Object.fromEntries([...totals, ...ages].map(name => [name, EVER])),
    ...Object.fromEntries([...others, ...names, ...sales].map(name => [name, IN_SLOT])),
    ...visits,
  }
}

test.each([SESSION_SECONDS.min, SESSION_SECONDS.default, SESSION_SECONDS.max])(
  'the house of a busy room with sessions of %i s is one write unit',
  sessionSeconds => {
    for (const turnSeconds of [TURN_SECONDS.min, TURN_SECONDS.default, TURN_SECONDS.max]) {
      const house = busiestHouse('r'.repeat(63), sessionSeconds, turnSeconds)
      expect(bytesOf(house)).toBeLessThan(WRITE_BYTES)
    }
  },
)
