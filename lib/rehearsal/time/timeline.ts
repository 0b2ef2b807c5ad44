/**
 * Virtual time, for the rehearsal and for the simulation (test/simulation). Nothing waits for a wall
 * clock: time jumps from one event to the next. Visitors, of whom there are millions with one plan
 * each, stand in lists by millisecond; everything else stands in a heap. When the events of a
 * millisecond have run, all promises that can go on do so before time moves on: the seed alone decides.
 */

export interface Timeline {
  /** Milliseconds since the beginning. */
  nowMs(): number
  /** Runs something at a time; in the order in which it was asked for where times are equal. */
  at(timeMs: number, run: () => void): void
  after(delayMs: number, run: () => void): void
  sleep(delayMs: number): Promise<void>
  /** Plans a visitor's next step. A visitor has one plan at a time. */
  plan(visitor: number, timeMs: number): void
  /** Ends the run with an error; the first one counts. */
  fail(error: unknown): void
  /** Ends the run after this millisecond. */
  stop(): void
  /**
   * @param step what a visitor does when their time has come.
   * @throws what an event threw, or what `fail` was told.
   */
  run(eachSecond: (second: number) => void, step?: (visitor: number) => void): Promise<void>
}

const NOBODY = -1

/** @param untilMs events after this are never run. */
export function createTimeline(untilMs: number, visitors = 0): Timeline {
  const heap = createHeap()
  const heads = new Int32Array(untilMs + 1).fill(NOBODY)
  const tails = new Int32Array(untilMs + 1)
  const next = new Int32Array(visitors).fill(NOBODY)
  let [nowMs, isStopped] = [0, false]
  let failure: { error: unknown } | undefined

  const at = (timeMs: number, run: () => void) => {
    heap.push(Math.max(nowMs, Math.round(timeMs)), run)
  }
  const after = (delayMs: number, run: () => void) => at(nowMs + delayMs, run)
  const stepAll = (step: (visitor: number) => void) => {
    let visitor = heads[nowMs] ?? NOBODY
    heads[nowMs] = NOBODY
    while (visitor !== NOBODY) {
      const following = next[visitor] ?? NOBODY
      step(visitor)
      visitor = following
    }
  }

  return {
    nowMs: () => nowMs,
    at,
    after,
    sleep: delayMs => new Promise(resolve => after(delayMs, resolve)),
    plan(visitor, timeMs) {
      const slot = Math.max(nowMs, Math.round(timeMs))
      if (slot > untilMs) return
      next[visitor] = NOBODY
      if (heads[slot] === NOBODY) heads[slot] = visitor
      else next[tails[slot] ?? 0] = visitor
      tails[slot] = visitor
    },
    fail(error) {
      failure ??= { error }
    },
    stop() {
      isStopped = true
    },
    async run(eachSecond, step = () => {}) {
      for (; nowMs <= untilMs && !isStopped; nowMs++) {
        if (nowMs % 1000 === 0) eachSecond(nowMs / 1000)
        while (heap.timeMs() <= nowMs || heads[nowMs] !== NOBODY) {
          const isEvent = heap.timeMs() <= nowMs
          while (heap.timeMs() <= nowMs) heap.pop()()
          stepAll(step)
          // Visitors only plan: whatever they ask of the real code is an event.
          if (isEvent) await settled()
          if (failure !== undefined) throw failure.error
        }
      }
    },
  }
}

/** All promises that can go on do so before the next turn of the event loop. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** A binary heap by time, then by order of arrival. */
function createHeap() {
  const times: number[] = []
  const orders: number[] = []
  const runs: (() => void)[] = []
  let order = 0
  const isBefore = (a: number, b: number) => {
    const [timeA = 0, timeB = 0] = [times[a], times[b]]
    return timeA < timeB || (timeA === timeB && (orders[a] ?? 0) < (orders[b] ?? 0))
  }
  const swap = (a: number, b: number) => {
    for (const list of [times, orders, runs] as unknown[][]) {
      const first = list[a]
      list[a] = list[b]
      list[b] = first
    }
  }
  return {
    timeMs: () => times[0] ?? Number.POSITIVE_INFINITY,
    push(timeMs: number, run: () => void) {
      let at = times.push(timeMs) - 1
      orders.push(order++)
      runs.push(run)
      for (let parent = (at - 1) >> 1; at > 0 && isBefore(at, parent); parent = (at - 1) >> 1) {
        swap(at, parent)
        at = parent
      }
    },
    pop(): () => void {
      const [first = () => {}] = runs
      swap(0, times.length - 1)
      times.pop()
      orders.pop()
      runs.pop()
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2]
        let least = at
        if (left < times.length && isBefore(left, least)) least = left
        if (right < times.length && isBefore(right, least)) least = right
        if (least === at) return first
        swap(at, least)
        at = least
      }
    },
  }
}
