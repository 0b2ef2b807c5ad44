/**
 * Queue-it's connector validating its own token: what a site would use otherwise. Its secret key has
 * the length of theirs, its hash is the one that its documentation has for Node, and a request is read
 * from memory, as ours is.
 */
import { createHmac } from 'node:crypto'
import {
  type IConnectorContextProvider,
  KnownUser,
  QueueEventConfig,
} from '@queue-it/connector-javascript'
import type { Side } from './gate-sides.ts'

const SECRET = 'a'.repeat(72)
const EVENT = 'event1'
const ADDRESS = 'https://shop.example/sale/cars?colour=red'

export async function rival(nowMs: number): Promise<Side> {
  const config = eventConfig()
  let kept: string | undefined
  const ask = async (token: string, cookie: string | undefined, isLetIn: boolean) => {
    const context = contextOf(cookie, value => {
      kept = value
    })
    const answer = await KnownUser.resolveQueueRequestByLocalConfig(
      ...([ADDRESS, token, config, 'customer', SECRET, context, null] as const),
    )
    if (answer.doRedirect() === isLetIn) throw new Error('the connector decided otherwise')
  }
  const endsAt = Math.floor(nowMs / 1000) + 240
  const claims = `e_${EVENT}~q_f8757c2d-34c2-4639-bef2-1736cdd30bbb~ts_${endsAt}~ce_true~rt_queue`
  const token = `${claims}~h_${hmac(SECRET, claims)}`
  await ask(token, undefined, true)
  const cookie = kept
  return {
    session: () => ask('', cookie, true),
    toRoom: () => ask('', undefined, false),
    enter: () => ask(token, undefined, true),
  }
}

/** As its documentation has it; a cookie of 20 minutes, prolonged at each request. */
function eventConfig(): QueueEventConfig {
  const [layout, culture, pathPrefix, cookieDomain] = ['', '', '', '']
  const queueDomain = 'shop.queue-it.net'
  return new QueueEventConfig(
    ...[EVENT, [], layout, culture, queueDomain, pathPrefix, true, 20, cookieDomain],
    ...[true, true, 1, 'bench'],
  )
}

function contextOf(
  cookie: string | undefined,
  keep: (value: string) => void,
): IConnectorContextProvider {
  return {
    getHttpRequest: () => ({
      getUserAgent: () => 'bench',
      getHeader: () => '',
      getAbsoluteUri: () => ADDRESS,
      getUserHostAddress: () => '198.51.100.11',
      getCookieValue: () => cookie,
      getRequestBodyAsString: () => '',
    }),
    getHttpResponse: () => ({ setCookie: (_, value) => keep(value) }),
    getCryptoProvider: () => ({ getSha256Hash: hmac }),
    getEnqueueTokenProvider: () => null,
  }
}

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}
