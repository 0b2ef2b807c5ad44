/** Refusals that would go round for ever. */

import { nonceHash } from '../../../lib/gate/decision/nonce.ts'
import { NOW_MS, nonce } from '../browser.ts'
import {
  back,
  FOREIGN,
  type GateCase,
  HTML,
  NONCE_COOKIE,
  passToken,
  refusals,
  withPass,
} from './parts.ts'

export const loops: readonly GateCase[] = [
  {
    name: 'the second refusal is counted beside the first',
    request: { ...withPass('x'), cookie: `${NONCE_COOKIE}; ${refusals(1)}` },
    wire: back(),
  },
  ...(
    [
      ['keys that differ', passToken({ key: FOREIGN }), 'forged', 503],
      ['another room', passToken({ room: 'other' }), 'foreign-room', 503],
      ['a clock of the room that is behind', passToken({ nowMs: NOW_MS - 90_000 }), 'expired', 503],
      ['a clock of the room that is ahead', passToken({ nowMs: NOW_MS + 90_000 }), 'early', 503],
      ['another browser', passToken({ hash: nonceHash(nonce(6)) }), 'foreign-browser', 403],
    ] as const
  ).map(([what, pass, reason, status]) => ({
    name: `failure mode 35: the third refusal for ${what} is explained instead`,
    request: { ...withPass(pass), cookie: `${NONCE_COOKIE}; ${refusals(2)}` },
    wire: {
      status,
      reason,
      type: HTML.type,
      location: back().location,
      ...(status === 503 ? { retryAfter: '60' } : {}),
    },
  })),
  ...(
    [
      [59_999, 503],
      [60_000, 302],
    ] as const
  ).map(([laterMs, status]) => ({
    name: `refusals count for 60 s from the first: ${laterMs} ms`,
    nowMs: NOW_MS + laterMs,
    request: { ...withPass('x'), cookie: `${NONCE_COOKIE}; ${refusals(2)}` },
    wire: { status },
  })),
  ...[
    [1, 2],
    [2, 1],
  ].map(([one = 0, other = 0]) => ({
    name: `of the counts ${one} and ${other} the worse counts`,
    request: { ...withPass('x'), cookie: `${refusals(one)}; ${refusals(other)}; ${NONCE_COOKIE}` },
    wire: { status: 503 },
  })),
  ...['9.x', '-1.5', '99999.1', '1', '', '5.99999999999999'].map(value => ({
    name: `a count that cannot be read (${value}) counts as none`,
    request: { ...withPass('x'), cookie: `antichambre-demo.refusals=${value}; ${NONCE_COOKIE}` },
    wire: back(),
  })),
]
