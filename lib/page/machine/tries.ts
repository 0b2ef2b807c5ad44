/** When a request may be tried again: after it was answered, refused, or failed. */
import { backoffMs } from './backoff.ts'
import { type Facts, FRESH_TRIES, type RequestName, type Tries } from './facts.ts'
import { BACKOFF_MS_MIN } from './limits.ts'

export function succeeded(facts: Facts, request: RequestName): Facts {
  return withTries(facts, request, FRESH_TRIES)
}

export function failed(
  facts: Facts,
  request: RequestName,
  retryAfterMs: number | null,
  chance: number,
): Facts {
  const before = facts.tries[request]
  const failures = before.failures + 1
  const pauseMs = backoffMs(failures + before.refusals, retryAfterMs, chance)
  const { nowMs } = facts
  const wokenAtMs = request === 'status' ? null : facts.wokenAtMs
  const tries = { ...before, failures, lastMs: nowMs, notBeforeMs: nowMs + pauseMs }
  return { ...withTries(facts, request, tries), wokenAtMs }
}

export function refused(facts: Facts, request: RequestName, chance: number): Facts {
  const refusals = facts.tries[request].refusals + 1
  const pauseMs = backoffMs(refusals, null, chance)
  const { nowMs } = facts
  const tries = { failures: 0, refusals, lastMs: nowMs, notBeforeMs: nowMs + pauseMs }
  return withTries(facts, request, tries)
}

/** A refusal that was to be expected: however many there were, the pause stays the same. */
export function expected(facts: Facts, request: RequestName, pauseMs: number): Facts {
  const { nowMs } = facts
  return withTries(facts, request, {
    ...FRESH_TRIES,
    lastMs: nowMs,
    notBeforeMs: nowMs + pauseMs,
  })
}

export function withPause(facts: Facts, request: RequestName, pauseMs: number): Facts {
  const tries = { ...facts.tries[request], notBeforeMs: facts.nowMs + pauseMs }
  return withTries(facts, request, tries)
}

/** The visitor or the network is back: the status is read at once, and what failed is tried again soon. */
export function woken(facts: Facts): Facts {
  const { nowMs, tries } = facts
  const sooner = (one: Tries): Tries => {
    if (one.failures === 0) return one
    const soonestMs = Math.max(nowMs, one.lastMs + BACKOFF_MS_MIN)
    return { ...one, notBeforeMs: Math.min(one.notBeforeMs, soonestMs) }
  }
  return {
    ...facts,
    wokenAtMs: nowMs,
    tries: {
      status: sooner(tries.status),
      join: sooner(tries.join),
      record: sooner(tries.record),
      pass: sooner(tries.pass),
    },
  }
}

function withTries(facts: Facts, request: RequestName, tries: Tries): Facts {
  return { ...facts, tries: { ...facts.tries, [request]: tries } }
}
