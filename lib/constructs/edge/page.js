/**
 * Viewer request, on `/r/<room>` and `/r/<room>~<group>`: one page serves every room, so its address is the same for all
 * before the cache is asked. `?plain` is where the page sends browsers without JavaScript: they go
 * on to `/r/<room>/plain`, with what the page they came from was told: the return address, the nonce,
 * and an invitation.
 */
const ROOM_PATH =
  /^\/r\/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:~[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?)?$/
const CARRIED = ['to', 'nonce', 'antichambre-invitation']
// Visible ASCII: browsers percent-encode anything else in an address.
const ADDRESS = /^[!-~]*$/

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it
function handler(event) {
  const request = event.request
  if (!ROOM_PATH.test(request.uri)) {
    return answer(404, 'Not Found', { 'content-type': { value: 'text/plain' } }, 'No such room.\n')
  }
  if (request.querystring.plain) {
    const pairs = carriedFrom(request)
    const query = pairs.length === 0 ? '' : `?${pairs.join('&')}`
    return answer(302, 'Found', { location: { value: `${request.uri}/plain${query}` } })
  }
  request.uri = '/page.html'
  return request
}

/** What the page's own address had of these, still encoded; nothing from elsewhere. */
function carriedFrom(request) {
  const referer = request.headers.referer ? request.headers.referer.value : ''
  const mark = referer.indexOf('?')
  const page = `https://${request.headers.host.value}${request.uri}`
  if (mark === -1 || referer.slice(0, mark) !== page || !ADDRESS.test(referer)) return []
  const pairs = referer
    .slice(mark + 1)
    .split('#')[0]
    .split('&')
  return CARRIED.map(name => pairs.find(pair => pair.indexOf(`${name}=`) === 0)).filter(Boolean)
}

function answer(statusCode, statusDescription, headers, body) {
  headers['cache-control'] = { value: 'no-store' }
  const response = {
    statusCode: statusCode,
    statusDescription: statusDescription,
    headers: headers,
  }
  if (body !== undefined) response.body = { encoding: 'text', data: body }
  return response
}
