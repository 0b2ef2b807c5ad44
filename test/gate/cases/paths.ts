/** Which paths need a session. */
import { SHOP } from '../browser.ts'
import { type GateCase, UNPROTECTED } from './parts.ts'

const SALE = { protect: ['/sale/*'], bypass: ['/sale/free', '/sale/assets/*'] }

const pathsIn = [
  ...['/sale', '/sale/', '/sale/cars', '/SALE/cars', '/%73ale/cars', '/%2573ale', '/%252573ale'],
  ...['//sale/cars', '/./sale', '/x/../sale', '/x/%2e%2e/sale', '/x/%2E%2E%2fsale', '/x/..;/sale'],
  ...['/sale;jsessionid=1/cars', '/sale;', '/;x/sale', '/x%5c..%5csale', '/%C5%BFale/cars'],
  ...['/%EF%BD%93ale', '/sale%2fcars', '/sale%3Fx', '/sale%23x', '/sale/../open', '/../sale'],
  ...['//x/sale', '///x/sale/cars', '/x/..//y/sale', '//u:p@x/sale', '//x%2fsale', '/%2f/x/sale'],
  ...['/sale%20', '/sale%2520', '/x/..%2fsale%20'],
  ...['/a;b/..;/x%3b/..%2fsale', '/%', '/%zz', '/%ff', '/%c0%af', '/open%00', '/open%0a'],
  ...['/sale/Free', '/sale/free/', '/sale/%66ree', '/sale/free;x', '/sale/assets', '/sale/free%0A'],
  ...[
    '/sale/assets/../cars',
    '/sale/assets/%2e%2e/cars',
    '/sale/assets//a',
    '/sale/assets/%61.css',
  ],
]
const pathsOut = [
  ...['/', '/open', '/sales', '/salesman/x', '/x/sale', '/x/sale/cars', '/a/./b', '/caf%C3%A9'],
  ...['/a%20b', '/%D1%80%D0%B0%D1%81%D0%BF', '/%E7%89%B9%E5%A3%B2', '/a//b;c/d', '/%F0%9F%9A%97'],
  ...['/sale/free', '/sale/assets/a.css', '/sale/assets/', '/sale/assets/b/c.css', '//sales'],
]

export const paths: readonly GateCase[] = [
  ...pathsIn.map(path => ({
    name: `failure mode 26: ${path} is in the sale`,
    options: SALE,
    request: { url: `${SHOP}${path}` },
    wire: { status: 302 },
  })),
  ...pathsOut.map(path => ({
    name: `failure mode 32: ${path} needs no session`,
    options: SALE,
    request: { url: `${SHOP}${path}` },
    wire: UNPROTECTED,
  })),
  ...['', '/', '/a', '/a/b.css', '/favicon.ico'].map(path => ({
    name: `failure mode 36: without any rule ${path || 'an empty path'} is protected`,
    request: { url: `${SHOP}${path}` },
    wire: { status: 302 },
  })),
  ...['/caf%C3%A9/x', '/CAF%C3%89', '/caf%c3%a9'].map(path => ({
    name: `a rule beyond ASCII holds for ${path}`,
    options: { protect: ['/café/*'] },
    request: { url: `${SHOP}${path}` },
    wire: { status: 302 },
  })),
  ...(
    [
      ['/info.html', '/infoxhtml', UNPROTECTED],
      ['/a(b)+c', '/a(b)+c', { status: 302 }],
      ['/a(b)+c', '/abbc', UNPROTECTED],
    ] as const
  ).map(([rule, path, wire]) => ({
    name: `signs of a rule are themselves: ${rule} and ${path}`,
    options: { protect: [rule] },
    request: { url: `${SHOP}${path}` },
    wire,
  })),
]
