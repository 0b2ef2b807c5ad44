import { expect, onTestFinished, test, vi } from 'vitest'
import { gateSides, KINDS } from '../../../bench/gate/gate-sides.ts'
import { ROOM } from '../../../bench/gate/side.ts'
import { edgeConfig } from '../../../lib/gate/edge/edge-options.ts'
import { edgeRequestSource } from '../../../lib/gate/edge/function-source.ts'

const PARTS = ['/part-0', '/sale']

test('failure mode 79: whatever is measured decides as at first on a machine that takes half a day', async () => {
  const nowMs = Date.now()
  const protect = PARTS.map(part => `${part}/*`)
  const edge = edgeRequestSource(
    edgeConfig({ room: ROOM, roomUrl: 'https://wait.example', protect }),
  )
  const sides = await gateSides(edge, PARTS, nowMs)
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs + 12 * 3_600_000 })
  onTestFinished(() => void vi.useRealTimers())
  // Each throws where it decides otherwise.
  for (const [name, side] of Object.entries(sides)) {
    for (const kind of KINDS) {
      await expect(side[kind](), `${name}, ${kind}`).resolves.toBeUndefined()
    }
  }
})
