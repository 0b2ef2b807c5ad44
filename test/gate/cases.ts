/**
 * What every gate decides, one table for all: each case is one request and what comes of it. The
 * numbers are those of failure modes that other waiting rooms had.
 */
import { NAVIGATION, NOW_MS, SHOP } from './browser.ts'
import { arrivals } from './cases/arrivals.ts'
import { callers } from './cases/callers.ts'
import { loops } from './cases/loops.ts'
import { modes } from './cases/modes.ts'
import type { GateCase } from './cases/parts.ts'
import { passes } from './cases/passes.ts'
import { paths } from './cases/paths.ts'
import { sessions } from './cases/sessions.ts'
import { type GateCall, withOptions } from './wire.ts'

export { type GateCase, passToken, sessionToken } from './cases/parts.ts'

export const cases: readonly GateCase[] = [
  ...arrivals,
  ...passes,
  ...sessions,
  ...callers,
  ...loops,
  ...paths,
  ...modes,
]

/** The whole call of a case. */
export function callOf({ options = {}, request = {}, nowMs = NOW_MS }: GateCase): GateCall {
  return {
    options: withOptions(options),
    request: { method: 'GET', url: `${SHOP}/sale`, ...NAVIGATION, ...request },
    nowMs,
  }
}
