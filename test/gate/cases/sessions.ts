/** Sessions, and what is none. */

import { cookieNames } from '../../../lib/gate/decision/cookies.ts'
import { signToken } from '../../../lib/queue/tokens/token.ts'
import {
  cookieOf,
  ENDS_AT_MS,
  FOREIGN,
  type GateCase,
  K1,
  K2,
  KEPT,
  part,
  passToken,
  ROOM,
  SESSION,
  sessionClaims,
  sessionToken,
  THROUGH,
  ticket,
  tokenWith,
  toRoom,
  wrongHeaders,
} from './parts.ts'

export const sessions: readonly GateCase[] = [
  { name: 'a session walks through', request: { cookie: SESSION }, wire: THROUGH },
  {
    name: 'its header is all that is wrong with a session that says another algorithm',
    request: {
      cookie: cookieOf(tokenWith({ alg: 'HS256', typ: 'session+jwt', kid: 'k1' }, sessionClaims)),
    },
    wire: THROUGH,
  },
  {
    name: 'a session is good until its end',
    nowMs: ENDS_AT_MS - 1,
    request: { cookie: SESSION },
    wire: THROUGH,
  },
  ...[0, 1].map(lateMs => ({
    name: `a session is over ${lateMs} ms after its end`,
    nowMs: ENDS_AT_MS + lateMs,
    request: { cookie: SESSION },
    wire: toRoom(),
  })),
  ...[
    ['a tampered session', `${sessionToken().slice(0, -1)}_`],
    ['a session with a letter more', `${sessionToken()}A`],
    ['a session with a letter less', sessionToken().slice(0, -1)],
    ['a session of another key with a known id', sessionToken({ key: FOREIGN })],
    ['a session of an unknown key', sessionToken({ key: K2 })],
    ['a session of another room', sessionToken({ room: 'other' })],
    ['a pass as a session (failure mode 31)', passToken()],
    ['a ticket as a session (failure mode 31)', ticket],
    ['claims of a session signed as a pass', signToken('pass', sessionClaims, K1)],
    ['a session without an end', signToken('session', { ...sessionClaims, exp: undefined }, K1)],
    [
      'a session with half a second',
      signToken('session', { ...sessionClaims, exp: 9e9 + 0.5 }, K1),
    ],
    ['a session of nobody', signToken('session', { ...sessionClaims, sub: 7 }, K1)],
    ['null, signed', signToken('session', JSON.parse('[null]'), K1)],
    [
      'algorithm none',
      `${part({ alg: 'none', typ: 'session+jwt', kid: 'k1' })}.${part(sessionClaims)}.`,
    ],
    ...wrongHeaders('session+jwt').map(([what, header]) => [
      `a session ${what}`,
      tokenWith(header, sessionClaims),
    ]),
    ['a public id (failure mode 24)', '0.3.41'],
    ['the word true', 'true'],
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['a kilobyte of dots', '.'.repeat(1_000)],
  ].map(([what, token = '']) => ({
    name: `${what} is no session, and no new one is signed (failure mode 33)`,
    request: { cookie: cookieOf(token) },
    wire: {
      ...toRoom(),
      cookies: [`antichambre-demo.nonce-=NEW; Path=/; Max-Age=2592000; ${KEPT}`],
    },
  })),
  {
    name: 'failure mode 30: a session of the old key stays good during the rotation',
    options: { keys: [K2, K1] },
    request: { cookie: SESSION },
    wire: THROUGH,
  },
  ...[
    ['in quotes', `${cookieNames.session(ROOM)}="${sessionToken()}"`],
    ['without spaces', `a=1;${SESSION};b=2`],
    ['second of its name', `${cookieOf('forged')}; ${SESSION}`],
    ['fourth of its name', `${`${cookieOf('forged')}; `.repeat(3)}${SESSION}`],
    ['beside malformed escapes', `%E0%A4%A=%zz; ${SESSION}`],
    ['beside cookies without names', `=;;=;; ${SESSION}`],
    ['beside names of prototypes', `__proto__=1; constructor=2; ${SESSION}`],
    ['before a megabyte', `${SESSION}; x=${'y'.repeat(1_000_000)}`],
  ].map(([how, cookie = '']) => ({
    name: `failure mode 34: a session is found ${how}`,
    request: { cookie },
    wire: THROUGH,
  })),
  {
    name: 'failure mode 34: a fifth cookie of the name is not looked at',
    request: { cookie: `${`${cookieOf('forged')}; `.repeat(4)}${SESSION}` },
    wire: toRoom(),
  },
]
