import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { transformSync } from 'esbuild'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pageApp } from '../../../lib/local/page-app.ts'
import { parseRoomPath } from '../../../lib/queue/address/room-path.ts'
import { GROUP_NAME, GROUP_SEPARATOR, ROOM_ID } from '../../../lib/queue/limits.ts'
import { INVITATION_PARAMETER } from '../../../lib/queue/tokens/invitation.ts'

/** The event of a viewer request, as CloudFront hands it to a function. */
interface EdgeRequest {
  method: string
  uri: string
  querystring: Record<string, { value: string; multiValue?: { value: string }[] }>
  headers: Record<string, { value: string; multiValue?: { value: string }[] }>
  cookies: Record<string, { value: string }>
}
interface EdgeAnswer extends Partial<EdgeRequest> {
  statusCode?: number
  headers: Record<string, { value: string }>
  body?: { encoding: string; data: string }
}

const sourceOf = (name: string) =>
  readFileSync(new URL(`../../../lib/constructs/edge/${name}.js`, import.meta.url), 'utf8')

/** Runs a function as CloudFront does: alone, with nothing of Node around it. */
function edge(name: string): (request: EdgeRequest) => EdgeAnswer {
  const handler = runInNewContext(`${sourceOf(name)}\nhandler`)
  return request =>
    structuredClone(
      handler({
        version: '1.0',
        context: {
          distributionDomainName: 'd111111abcdef8.cloudfront.net',
          distributionId: 'EDFDVBD6EXAMPLE',
          eventType: 'viewer-request',
          requestId: 'EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLEPmPfEXAMPLEu3EqEXAMPLE==',
        },
        viewer: { ip: '198.51.100.11' },
        request: structuredClone(request),
      }),
    )
}

const HOST = 'd111111abcdef8.cloudfront.net'
function viewerRequest(uri: string, changes: Partial<EdgeRequest> = {}): EdgeRequest {
  return {
    method: 'GET',
    uri,
    querystring: {},
    cookies: { other: { value: '1' } },
    ...changes,
    headers: {
      host: { value: HOST },
      'user-agent': { value: 'curl/8.5.0' },
      accept: { value: '*/*' },
      ...changes.headers,
    },
  }
}

describe('forward-viewer.js', () => {
  const forward = edge('forward-viewer')

  test("copies the caller's authorization and changes nothing else", () => {
    const request = viewerRequest('/operator/api/rooms/cars', {
      method: 'PUT',
      querystring: { a: { value: '1', multiValue: [{ value: '1' }, { value: '2' }] } },
      headers: {
        authorization: { value: 'Bearer operator-token' },
        'x-amz-content-sha256': { value: 'e3b0c442' },
      },
    })
    expect(forward(request)).toEqual({
      ...request,
      headers: {
        ...request.headers,
        'x-viewer-authorization': { value: 'Bearer operator-token' },
      },
    })
  })

  test('leaves a request without authorization as it came', () => {
    const request = viewerRequest('/r/cars/tickets', { method: 'POST' })
    expect(forward(request)).toEqual(request)
  })

  test.each([
    ['beside another authorization', { authorization: { value: 'Bearer real' } }, 'Bearer real'],
    ['alone', {}, undefined],
  ])('what a viewer sends under that name is worth nothing: %s', (_, headers, arrives) => {
    const forged = { 'x-viewer-authorization': { value: 'Bearer forged' } }
    const answer = forward(viewerRequest('/operator/', { headers: { ...forged, ...headers } }))
    expect(answer.headers['x-viewer-authorization']?.value).toBe(arrives)
  })
})

describe('page.js', () => {
  const file = { body: '', type: 'text/html', cacheControl: 'no-store' }
  const localPage = pageApp(new Map([['page.html', file]]))
  const page = edge('page')
  const plain = { plain: { value: '' } }
  const from = (referer: string) => ({
    querystring: plain,
    headers: { referer: { value: referer } },
  })

  test('gives every room the same page, and changes nothing else of the request', () => {
    const request = viewerRequest('/r/cars', {
      querystring: { to: { value: 'https%3A%2F%2Fshop.example%2F' }, nonce: { value: 'abc' } },
    })
    expect(page(request)).toEqual({ ...request, uri: '/page.html' })
    expect(page(viewerRequest('/r/concert-2')).uri).toBe('/page.html')
    expect(page(viewerRequest('/r/cars~members')).uri).toBe('/page.html')
  })

  const isKnown = (path: string) => {
    const { id, group } = parseRoomPath(path)
    return ROOM_ID.test(id) && (group === undefined || GROUP_NAME.test(group))
  }
  const hasPage = (path: string) => page(viewerRequest(`/r/${path}`)).uri === '/page.html'

  test('knows the same rooms and groups as everybody else', () => {
    const name = fc.stringMatching(/^[a-z0-9A-Z._~%-]{1,66}$/)
    const nearly = fc.stringMatching(/^[a-z0-9-]{0,4}$/)
    const path = fc.oneof(
      name,
      fc.tuple(nearly, nearly).map(parts => parts.join(GROUP_SEPARATOR)),
    )
    fc.assert(
      fc.property(path, text => {
        expect(hasPage(text)).toBe(isKnown(text))
      }),
    )
    for (const length of [1, 62, 63, 64]) {
      const text = 'a'.repeat(length)
      expect(hasPage(text)).toBe(ROOM_ID.test(text))
    }
    for (const length of [0, 1, 31, 32, 33]) {
      const text = 'a'.repeat(length)
      expect(hasPage(`cars${GROUP_SEPARATOR}${text}`)).toBe(GROUP_NAME.test(text))
    }
  })

  test.each([
    '/r/',
    '/r/Cars',
    '/r/-cars',
    '/r/cars%0d',
    '/r/../page',
    '/r/cars\n',
    '/r/cars~',
    '/r/~members',
    '/r/cars~a~b',
    '/r/cars~members\n',
  ])('%j is no room: 404, kept by nobody', uri => {
    expect(page(viewerRequest(uri))).toEqual({
      statusCode: 404,
      statusDescription: 'Not Found',
      headers: {
        'content-type': { value: 'text/plain' },
        'cache-control': { value: 'no-store' },
      },
      body: { encoding: 'text', data: 'No such room.\n' },
    })
  })

  test('sends `?plain` on with the return address and the nonce of the page it came from', () => {
    const to = 'https%3A%2F%2Fshop.example%2Fsale%3Fa%3D1%26b%3D2'
    const referer = `https://${HOST}/r/cars?to=${to}&nonce=Zm9v_-&utm=x`
    expect(page(viewerRequest('/r/cars', from(referer)))).toEqual({
      statusCode: 302,
      statusDescription: 'Found',
      headers: {
        location: { value: `/r/cars/plain?to=${to}&nonce=Zm9v_-` },
        'cache-control': { value: 'no-store' },
      },
    })
  })

  test('sends an invitation on too, under the name that everybody knows it by', () => {
    const invitation = `${INVITATION_PARAMETER}=aa.bb.cc-_`
    const referer = `https://${HOST}/r/cars~members?${invitation}&nonce=Zm9v_-`
    const { location } = page(viewerRequest('/r/cars~members', from(referer))).headers
    expect(location?.value).toBe(`/r/cars~members/plain?nonce=Zm9v_-&${invitation}`)
  })

  test.each([
    ['no Referer', {}],
    ['another room', from(`https://${HOST}/r/other?to=x&nonce=y`)],
    ['a path below', from(`https://${HOST}/r/cars/plain?to=x&nonce=y`)],
    ['another host', from('https://evil.example/r/cars?to=x&nonce=y')],
    ['a host that begins alike', from(`https://${HOST}.evil.example/r/cars?to=x&nonce=y`)],
    ['credentials before the host', from(`https://a@${HOST}/r/cars?to=x&nonce=y`)],
    ['http', from(`http://${HOST}/r/cars?to=x&nonce=y`)],
    ['no query', from(`https://${HOST}/r/cars`)],
    ['nothing of use in it', from(`https://${HOST}/r/cars?tonight=x&xnonce=y&plain`)],
    ['a space', from(`https://${HOST}/r/cars?to=x y&nonce=y`)],
    ['a line break', from(`https://${HOST}/r/cars?to=x\r\nset-cookie:a&nonce=y`)],
  ])('failure mode 27: takes nothing from a Referer with %s', (_, request) => {
    const answer = page(viewerRequest('/r/cars', { querystring: plain, ...request }))
    expect(answer.headers.location?.value).toBe('/r/cars/plain')
  })

  test.each([
    `https://${HOST}/r/cars?to=https%3A%2F%2Fshop.example%2F%3Fa%3Db%26c&nonce=a_-9`,
    `https://${HOST}/r/cars?nonce=b&to=c%20d`,
    `https://${HOST}/r/cars?to=a&to=b`,
    `https://${HOST}/r/cars?${INVITATION_PARAMETER}=a.b.c&to=x`,
    `https://${HOST}/r/cars`,
    'https://evil.example/r/cars?to=x',
  ])('carries the same as the page on one machine, from %s', async referer => {
    const carried = (location: string | null | undefined) =>
      Object.fromEntries(new URL(location ?? '', `https://${HOST}`).searchParams)
    const local = await localPage.request(`https://${HOST}/r/cars?plain`, {
      headers: { referer },
    })
    const here = page(viewerRequest('/r/cars', from(referer)))
    expect(carried(here.headers.location?.value)).toEqual(carried(local.headers.get('location')))
  })

  test('failure mode 27: leads to a path of this host, whatever the Referer says', () => {
    const noise = fc.array(
      fc.oneof(
        fc.constantFrom('to=', 'nonce=', '&', '//evil.example', '?', '#', '\\', '%0d%0a', '=', '/'),
        fc.string({ unit: 'binary', maxLength: 6 }),
      ),
    )
    fc.assert(
      fc.property(noise, parts => {
        const referer = `https://${HOST}/r/cars?${parts.join('')}`
        const location = page(viewerRequest('/r/cars', from(referer))).headers.location?.value ?? ''
        expect(location).toMatch(/^\/r\/cars\/plain(\?[!-~]*)?$/)
        const { origin, pathname, hash } = new URL(location, `https://${HOST}`)
        expect({ origin, pathname, hash }).toEqual({
          origin: `https://${HOST}`,
          pathname: '/r/cars/plain',
          hash: '',
        })
      }),
    )
  })
})

test.each(['forward-viewer', 'page'])('%s.js keeps to what CloudFront understands', name => {
  const supported = Object.fromEntries(
    [
      'array-spread',
      'async-generator',
      'class',
      'class-field',
      'default-argument',
      'destructuring',
      'for-of',
      'generator',
      'nullish-coalescing',
      'object-rest-spread',
      'optional-chain',
      'rest-argument',
    ].map(feature => [feature, false]),
  )
  const source = sourceOf(name)
  expect(transformSync(source, { supported }).code).toBe(transformSync(source).code)
})
