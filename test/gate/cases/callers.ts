/** Who is not on the way to a page: scripts, forms, pictures. */
import { SHOP } from '../browser.ts'
import {
  type GateCase,
  HTML,
  JSON_TYPE,
  passToken,
  ROOM_URL,
  SCRIPT,
  SESSION,
  THROUGH,
  toRoom,
  UNPROTECTED,
  withPass,
} from './parts.ts'

export const callers: readonly GateCase[] = [
  {
    name: 'a script is told so in JSON, with the way to the room and back to its page',
    request: { ...SCRIPT, url: `${SHOP}/api/cart`, referer: `${SHOP}/sale?x=1#top` },
    wire: { ...JSON_TYPE, location: toRoom('/sale?x=1').location },
  },
  ...['https://evil.example/', `${SHOP}.evil.example/`, `${SHOP}@evil.example/`, 'x', ''].map(
    referer => ({
      name: `failure mode 27: the way back is left to the room for the referring page ${referer}`,
      request: { ...SCRIPT, referer },
      wire: { ...JSON_TYPE, location: `${ROOM_URL}?nonce=NEW` },
    }),
  ),
  {
    name: 'the referring page may be the host alone',
    request: { ...SCRIPT, referer: SHOP },
    wire: { location: toRoom('/').location },
  },
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'BREW'].map(method => ({
    name: `${method} without a session is told so: nothing is half done`,
    request: { method },
    wire: HTML,
  })),
  {
    name: 'a form sent with a pass but no session is told so: nothing is half done',
    request: { ...withPass(passToken()), method: 'POST' },
    wire: HTML,
  },
  {
    name: 'a form with a session walks through, a pass in its address or not',
    request: { ...withPass(passToken()), method: 'POST', cookie: SESSION },
    wire: THROUGH,
  },
  {
    name: 'a form with a bad pass and no session is told so, and no pass is refused to it',
    request: { ...withPass('x'), method: 'POST' },
    wire: HTML,
  },
  {
    name: 'a form of a script is told so in JSON',
    request: { ...SCRIPT, method: 'POST' },
    wire: JSON_TYPE,
  },
  {
    name: 'a form to a path that needs no session arrives',
    options: { protect: ['/buy'] },
    request: { method: 'POST' },
    wire: UNPROTECTED,
  },
  {
    name: 'a WebSocket of a browser with a pass but no session is refused',
    request: { ...withPass(passToken()), accept: undefined, fetchMode: 'websocket' },
    wire: JSON_TYPE,
  },
  {
    name: 'a script with a session walks through',
    request: { ...SCRIPT, cookie: SESSION },
    wire: THROUGH,
  },
  {
    name: 'a WebSocket of a browser is refused, not redirected',
    request: { accept: undefined, fetchMode: 'websocket' },
    wire: JSON_TYPE,
  },
  {
    name: 'a WebSocket of a browser with a session walks through',
    request: { accept: undefined, fetchMode: 'websocket', cookie: SESSION },
    wire: THROUGH,
  },
  {
    name: 'a picture is refused and gets no nonce: a page of them would make many',
    request: { accept: 'image/*', fetchMode: 'no-cors' },
    wire: { ...JSON_TYPE, cookies: [] },
  },
  {
    name: 'HEAD of a script is refused without a body',
    request: { ...SCRIPT, method: 'HEAD' },
    wire: { status: 401 },
  },
  ...(
    [
      ['application/json', true],
      ['application/json, text/html', false],
      ['text/html;q=0.5, application/json', true],
      ['application/vnd.x+json', true],
      ['application/json;q=0.5, */*', false],
      ['application/json;q=2, */*;q=0.1', false],
      ['APPLICATION/JSON', true],
      [`${'x/y,'.repeat(300)}application/json`, false],
    ] as const
  ).map(([accept, json]) => ({
    name: `accept: ${accept.slice(0, 60)} asks for ${json ? 'JSON' : 'a page'}`,
    request: { accept, fetchMode: undefined },
    wire: json ? JSON_TYPE : toRoom(),
  })),
]
