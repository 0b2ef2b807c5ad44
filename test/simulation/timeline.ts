/**
 * Virtual time: events in the order of their times, and of their making where those are equal.
 * Whatever promises an event settles go on before the next event, so the seed alone decides the run.
 */
export interface Timeline {
  /** Milliseconds since the simulation began. */
  nowMs(): number
  after(delayMs: number, run: () => void): void
  /** Ends the run with an error; the first one counts. */
  fail(error: unknown): void
  /** Runs every event up to this time. @throws what an event threw, or what `fail` was told. */
  run(untilMs: number): Promise<void>
}

interface Event {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

export function createTimeline(): Timeline {
  const heap: Event[] = []
  let [nowMs, order] = [0, 0]
  let failure: { error: unknown } | undefined

  return {
    nowMs: () => nowMs,
    after(delayMs, run) {
      push(heap, { atMs: nowMs + Math.max(0, Math.ceil(delayMs)), order: order++, run })
    },
    fail(error) {
      failure ??= { error }
    },
    async run(untilMs) {
      for (let [next] = heap; next !== undefined && next.atMs <= untilMs; [next] = heap) {
        pop(heap)
        nowMs = next.atMs
        next.run()
        await settled()
        if (failure !== undefined) throw failure.error
      }
      nowMs = untilMs
    },
  }
}

/** Node calls what waits for the next tick once no promise can go on any more, and before any timer. */
function settled(): Promise<void> {
  return new Promise(resolve => process.nextTick(resolve))
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

function push(heap: Event[], event: Event): void {
  let at = heap.push(event) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]
    if (above === undefined || !isBefore(event, above)) break
    heap[at] = above
    at = parent
  }
  heap[at] = event
}

/** Takes the first event off. */
function pop(heap: Event[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
    if (left === undefined) break
    const isRight = right !== undefined && isBefore(right, left)
    const least = isRight ? right : left
    if (!isBefore(least, last)) break
    heap[at] = least
    at = 2 * at + (isRight ? 2 : 1)
  }
  heap[at] = last
}
