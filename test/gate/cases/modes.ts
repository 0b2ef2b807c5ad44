/** A gate that is off or open, and sessions that have ended. */
import { NOW_MS, SHOP } from '../browser.ts'
import {
  cookieOf,
  ENDS_AT_MS,
  entered,
  FOREIGN,
  type GateCase,
  KEPT,
  passToken,
  SESSION,
  sessionToken,
  THROUGH,
  toRoom,
  withPass,
} from './parts.ts'

const OPEN = { openUntilMs: NOW_MS + 1 }
const PAYING = { gracePaths: ['/pay', '/pay/*'], graceSeconds: 120 }

export const modes: readonly GateCase[] = [
  {
    name: 'off: everybody walks through',
    options: { mode: 'off' },
    wire: { status: 'through', via: 'off' },
  },
  {
    name: 'open: everybody walks through',
    options: { mode: OPEN },
    wire: { status: 'through', via: 'open' },
  },
  {
    name: 'open ends at the stated time',
    options: { mode: OPEN },
    nowMs: NOW_MS + 1,
    wire: toRoom(),
  },
  {
    name: 'failure mode 28: an open gate signs nothing, not even for a pass',
    options: { mode: OPEN },
    request: withPass(passToken()),
    wire: { status: 'through', via: 'open' },
  },
  {
    name: 'a gate that is off knows a session',
    options: { mode: 'off' },
    request: { cookie: SESSION },
    wire: { status: 'through', via: 'off', ticketId: '0.3.41' },
  },
  {
    name: 'a session cookie outlives its session by the grace',
    options: PAYING,
    request: withPass(passToken()),
    wire: { cookies: [`${SESSION}; Path=/; Max-Age=1020; ${KEPT}`] },
  },
  ...[0, 119_999].map(lateMs => ({
    name: `somebody who is paying ${lateMs} ms after their session is not thrown out`,
    options: PAYING,
    nowMs: ENDS_AT_MS + lateMs,
    request: { url: `${SHOP}/pay/card`, method: 'POST', cookie: SESSION },
    wire: { ...THROUGH, via: 'grace' },
  })),
  {
    name: 'grace ends too',
    options: PAYING,
    nowMs: ENDS_AT_MS + 120_000,
    request: { url: `${SHOP}/pay`, cookie: SESSION },
    wire: toRoom('/pay'),
  },
  ...['/sale', '/PAY', '/pay/../sale', '/payment', '/%70ay', '/pay;x', '/pay%0a'].map(path => ({
    name: `there is no grace on ${path}`,
    options: PAYING,
    nowMs: ENDS_AT_MS,
    request: { url: `${SHOP}${path}`, cookie: SESSION },
    wire: { status: 302 },
  })),
  {
    name: 'there is no grace for a forged session',
    options: PAYING,
    nowMs: ENDS_AT_MS,
    request: { url: `${SHOP}/pay`, cookie: cookieOf(sessionToken({ key: FOREIGN })) },
    wire: toRoom('/pay'),
  },
  {
    name: 'there is no grace where no path has it',
    nowMs: ENDS_AT_MS,
    request: { url: `${SHOP}/pay`, cookie: SESSION },
    wire: toRoom('/pay'),
  },
  {
    name: 'a bad pass in grace is cleaned away',
    options: PAYING,
    nowMs: ENDS_AT_MS,
    request: { ...withPass('x', '/pay'), cookie: SESSION },
    wire: { ...entered('/pay'), cookies: [] },
  },
]
