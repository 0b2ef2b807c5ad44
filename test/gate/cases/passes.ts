/** Passes, and what they open. */

import { nonceHash } from '../../../lib/gate/decision/nonce.ts'
import { NOW_MS, nonce, SHOP } from '../browser.ts'
import {
  back,
  cookieOf,
  ENDS_AT_MS,
  entered,
  FOREIGN,
  type GateCase,
  K1,
  K2,
  KEPT,
  NONCE_COOKIE,
  part,
  passedClaims,
  passToken,
  refusals,
  SESSION,
  sessionClaims,
  sessionToken,
  ticket,
  tokenWith,
  toRoom,
  withPass,
  wrongHeaders,
} from './parts.ts'

export const passes: readonly GateCase[] = [
  {
    name: 'a pass begins a session at the address without it',
    request: withPass(passToken()),
    wire: {
      ...entered(),
      cookies: [`${SESSION}; Path=/; Max-Age=900; ${KEPT}`],
    },
  },
  {
    name: 'its header is all that is wrong with a pass that says another algorithm',
    request: withPass(tokenWith({ alg: 'HS256', typ: 'pass+jwt', kid: 'k1' }, passedClaims)),
    wire: entered(),
  },
  {
    name: 'HEAD with a pass begins a session like GET',
    request: { ...withPass(passToken()), method: 'HEAD' },
    wire: { ...entered(), cookies: [`${SESSION}; Path=/; Max-Age=900; ${KEPT}`] },
  },
  {
    name: 'a pass gets in beside two cookies of the name of its nonce',
    request: {
      ...withPass(passToken()),
      cookie: `${NONCE_COOKIE.replace(/=.*/, '=x')}; ${NONCE_COOKIE}`,
    },
    wire: entered(),
  },
  {
    name: 'a pass gets in beside a megabyte under the name of its nonce',
    request: {
      ...withPass(passToken()),
      cookie: `${NONCE_COOKIE}; antichambre-demo.nonce-x=${'x'.repeat(1_000_000)}`,
    },
    wire: entered(),
  },
  {
    name: 'a pass of the old key begins a session of the new one (failure mode 30)',
    options: { keys: [K2, K1] },
    request: withPass(passToken()),
    wire: {
      ...entered(),
      cookies: [`${cookieOf(sessionToken({ key: K2 }))}; Path=/; Max-Age=900; ${KEPT}`],
    },
  },
  {
    name: 'failure mode 30: after the rotation the old key opens nothing',
    options: { keys: [K2] },
    request: withPass(passToken()),
    wire: back(),
  },
  {
    name: 'failure mode 22: a session that began long ago ends when it was to end',
    nowMs: NOW_MS + 800_000,
    request: withPass(passToken({ nowMs: NOW_MS + 800_000 })),
    wire: {
      ...entered(),
      cookies: [
        `${cookieOf(sessionToken({ nowMs: NOW_MS + 800_000 }))}; Path=/; Max-Age=100; ${KEPT}`,
      ],
    },
  },
  ...[
    ['a tampered pass', `${passToken().slice(0, -1)}_`],
    ['a pass with a letter more', `${passToken()}A`],
    ['a pass with a letter less', passToken().slice(0, -1)],
    ['a pass with a changed claim', passToken().replace(/\.[^.]+\./, `.${part(sessionClaims)}.`)],
    ['a pass of another key with a known id', passToken({ key: FOREIGN })],
    ['a pass of another room', passToken({ room: 'other' })],
    ['a pass of another browser', passToken({ hash: nonceHash(nonce(6)) })],
    ['a pass that names no browser', passToken({ hash: undefined })],
    ['an expired pass', passToken({ nowMs: NOW_MS - 65_000 })],
    ['an early pass', passToken({ nowMs: NOW_MS + 6_000 })],
    ['a pass whose session is over', passToken({ nowMs: NOW_MS - 9_000, endsAtMs: NOW_MS })],
    ['a session as a pass (failure mode 31)', sessionToken()],
    ['a ticket as a pass (failure mode 31)', ticket],
    ...wrongHeaders('pass+jwt').map(([what, header]) => [
      `a pass ${what}`,
      tokenWith(header, passedClaims),
    ]),
    ['a public id (failure mode 24)', '0.3.41'],
    ['no pass at all', ''],
    ['a pass without a signature', `${passToken().split('.').slice(0, 2).join('.')}.`],
    ['two parts of a pass', passToken().split('.').slice(0, 2).join('.')],
    ['four parts', `${passToken()}.x`],
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['malformed escapes', '%zz%'],
  ].map(([what, pass = '']) => ({
    name: `${what} is refused: back to the room, counted`,
    request: withPass(pass),
    wire: {
      ...back(),
      cookies: [
        `${NONCE_COOKIE}; Path=/; Max-Age=2592000; ${KEPT}`,
        `${refusals(1)}; Path=/; Max-Age=60; ${KEPT}`,
      ].sort(),
    },
  })),
  {
    name: 'a pass is good 5 s after its end, but not a millisecond longer',
    nowMs: NOW_MS + 64_999,
    request: withPass(passToken()),
    wire: entered(),
  },
  {
    name: 'a pass is over 5 s after its end',
    nowMs: NOW_MS + 65_000,
    request: withPass(passToken()),
    wire: back(),
  },
  {
    name: 'failure mode 25: a pass link in a browser without a nonce opens nothing',
    request: { url: `${SHOP}/sale?antichambre=${passToken()}` },
    wire: toRoom(),
  },
  {
    name: 'a pass gets in with any of the nonces that the browser has',
    request: {
      ...withPass(passToken()),
      cookie: `antichambre-demo.nonce-zzzz=${'z'.repeat(22)}; ${NONCE_COOKIE}`,
    },
    wire: entered(),
  },
  {
    name: 'of three passes the last gets in',
    request: withPass(
      `a.b.c&antichambre=${passToken({ room: 'other' })}&antichambre=${passToken()}`,
    ),
    wire: entered(),
  },
  {
    name: 'a fourth pass is not looked at',
    request: withPass(`x&antichambre=x&antichambre=x&antichambre=${passToken()}`),
    wire: back(),
  },
  {
    name: 'an entry clears the count of refusals',
    request: { ...withPass(passToken()), cookie: `${NONCE_COOKIE}; ${refusals(2)}` },
    wire: {
      cookies: [
        `antichambre-demo.refusals=; Path=/; Max-Age=0; ${KEPT}`,
        `${SESSION}; Path=/; Max-Age=900; ${KEPT}`,
      ],
    },
  },
  {
    name: 'a session and its own pass again: the address is cleaned',
    request: { ...withPass(passToken()), cookie: `${SESSION}; ${NONCE_COOKIE}` },
    wire: { ...entered(), cookies: [] },
  },
  {
    name: 'a session and a bad pass: the address is cleaned, the session stays',
    request: { ...withPass('x.y.z'), cookie: SESSION },
    wire: { ...entered(), cookies: [] },
  },
  {
    name: 'a session and the pass of a later turn: the later session begins',
    request: {
      ...withPass(passToken({ endsAtMs: ENDS_AT_MS + 1_000 })),
      cookie: `${SESSION}; ${NONCE_COOKIE}`,
    },
    wire: {
      ...entered(),
      cookies: [
        `${cookieOf(sessionToken({ endsAtMs: ENDS_AT_MS + 1_000 }))}; Path=/; Max-Age=901; ${KEPT}`,
      ],
    },
  },
  {
    name: 'a pass on a path that needs none opens a session',
    options: { protect: ['/buy'] },
    request: withPass(passToken(), '/'),
    wire: { ...entered('/'), cookies: [`${SESSION}; Path=/; Max-Age=900; ${KEPT}`] },
  },
  {
    name: 'a bad pass on a path that needs none is cleaned away',
    options: { protect: ['/buy'] },
    request: withPass('x', '/'),
    wire: { ...entered('/'), cookies: [] },
  },
]
