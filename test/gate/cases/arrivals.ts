/** People without a session, on their way to the room. */
import { SHOP } from '../browser.ts'
import { back, type GateCase, KEPT, NONCE_COOKIE, ROOM_URL, toRoom } from './parts.ts'

export const arrivals: readonly GateCase[] = [
  {
    name: 'a navigation is sent to the room, with the way back and a nonce',
    wire: {
      ...toRoom(),
      cookies: [`antichambre-demo.nonce-=NEW; Path=/; Max-Age=2592000; ${KEPT}`],
    },
  },
  { name: 'HEAD is redirected like GET', request: { method: 'HEAD' }, wire: toRoom() },
  {
    name: 'a browser without fetch metadata is redirected',
    request: { fetchMode: undefined, accept: '*/*' },
    wire: toRoom(),
  },
  {
    name: 'a client that says nothing of itself is redirected',
    request: { fetchMode: undefined, accept: undefined },
    wire: toRoom(),
  },
  { name: 'a nonce is used again', request: { cookie: NONCE_COOKIE }, wire: back() },
  ...['short', 'x'.repeat(65), `${'x'.repeat(30)}!`, ''].map(value => ({
    name: `a nonce cookie with ${value.length} characters that are none is replaced`,
    request: { cookie: `antichambre-demo.nonce-0005=${value}` },
    wire: toRoom(),
  })),
  {
    name: 'the open way is the way where it is configured',
    options: { way: 'through' },
    wire: toRoom('/sale', 'NEW', `${ROOM_URL}/through`),
  },
  {
    name: 'the way back has the host of the request where no public one is configured',
    options: { publicUrl: undefined },
    request: { url: 'https://www.shop.example/sale?a=1' },
    wire: {
      location: `${ROOM_URL}?to=${encodeURIComponent('https://www.shop.example/sale?a=1')}&nonce=NEW`,
    },
  },
  {
    name: 'failure mode 27: the way back has the public origin, whatever host the request names',
    request: { url: 'https://evil.example/sale' },
    wire: toRoom(),
  },
  {
    name: 'failure mode 27: a host with a dot behind it is not sent anywhere else',
    request: { url: 'https://shop.example./sale' },
    wire: toRoom(),
  },
  {
    name: 'failure mode 27: without a public origin a host with a dot behind it is another host',
    options: { publicUrl: undefined },
    request: { url: 'https://shop.example./sale' },
    wire: {
      location: `${ROOM_URL}?to=${encodeURIComponent('https://shop.example./sale')}&nonce=NEW`,
    },
  },
  ...['//evil.example/', '/\\evil.example/', '/%2f%2fevil.example', '/@evil.example'].map(path => ({
    name: `failure mode 27: ${path} leads back to the showroom`,
    request: { url: `${SHOP}${path}` },
    wire: toRoom(path.replace('\\', '%5C')),
  })),
  {
    name: 'the way back keeps every parameter to the letter but the pass',
    request: { url: `${SHOP}/sale?b=%20+x&antichambre=old&a=&&c`, cookie: NONCE_COOKIE },
    wire: back('/sale?b=%20+x&a=&&c'),
  },
  {
    name: 'an escaped name of the pass is its name',
    request: { url: `${SHOP}/sale?%61ntichambre=old`, cookie: NONCE_COOKIE },
    wire: back(),
  },
  {
    name: 'an address that is too long goes without its query',
    request: { url: `${SHOP}/sale?q=${'x'.repeat(2_000)}` },
    wire: toRoom(),
  },
  {
    name: 'a path that is too long is left out',
    request: { url: `${SHOP}/${'y'.repeat(2_000)}` },
    wire: { status: 302, location: `${ROOM_URL}?nonce=NEW` },
  },
]
