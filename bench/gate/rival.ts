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
  type RequestValidationResult,
} from '@queue-it/connector-javascript'
import { LASTS_SECONDS, type Side } from './side.ts'

const SECRET = 'a'.repeat(72)
const EVENT = 'event1'
const QUEUE_DOMAIN = 'shop.queue-it.net'
const COOKIE_MINUTES = LASTS_SECONDS / 60
const ADDRESS = 'https://shop.example/sale/cars?colour=red'

/**
 * As a site is connected: the configuration that it downloads, JSON text, says which paths are
 * protected.
 * @param paths parts of the shop; one action has them all, which is the shortest way to say it.
 */
export function rivalByRules(paths: readonly string[], nowMs: number): Promise<Side> {
  const config = integrationConfig(paths)
  return sideOf(nowMs, (token, context) =>
    KnownUser.validateRequestByIntegrationConfig(
      ...([ADDRESS, token, config, 'customer', SECRET, context, null] as const),
    ),
  )
}

/** The least that it does: a token or a cookie, and no rule to match. */
export function rivalAlone(nowMs: number): Promise<Side> {
  const config = eventConfig()
  return sideOf(nowMs, (token, context) =>
    KnownUser.resolveQueueRequestByLocalConfig(
      ...([ADDRESS, token, config, 'customer', SECRET, context, null] as const),
    ),
  )
}

type Resolve = (
  token: string,
  context: IConnectorContextProvider,
) => Promise<RequestValidationResult>

async function sideOf(nowMs: number, resolve: Resolve): Promise<Side> {
  let kept: string | undefined
  const ask = async (
    token: string,
    cookie: string | undefined,
    expected: 'let in' | 'sent away',
  ) => {
    const context = contextOf(cookie, value => {
      kept = value
    })
    const answer = await resolve(token, context)
    // without an action no rule was matched: that is no decision
    const decided = answer.doRedirect() ? 'sent away' : 'let in'
    if (answer.eventId !== EVENT || decided !== expected) {
      throw new Error('the connector decided otherwise')
    }
  }
  const endsAt = Math.floor(nowMs / 1000) + LASTS_SECONDS
  const claims = `e_${EVENT}~q_f8757c2d-34c2-4639-bef2-1736cdd30bbb~ts_${endsAt}~ce_true~rt_queue`
  const token = `${claims}~h_${hmac(SECRET, claims)}`
  await ask(token, undefined, 'let in')
  const cookie = kept
  return {
    session: () => ask('', cookie, 'let in'),
    toRoom: () => ask('', undefined, 'sent away'),
    enter: () => ask(token, undefined, 'let in'),
  }
}

/** As its documentation has it; a cookie that is prolonged at each request. */
function eventConfig(): QueueEventConfig {
  const [layout, culture, pathPrefix, cookieDomain] = ['', '', '', '']
  return new QueueEventConfig(
    ...[EVENT, [], layout, culture, QUEUE_DOMAIN, pathPrefix, true, COOKIE_MINUTES, cookieDomain],
    ...[true, true, 1, 'bench'],
  )
}

/** The fields of its documentation's example, with a trigger for each path. */
function integrationConfig(paths: readonly string[]): string {
  const parts = paths.map(path => ({
    Operator: 'Contains',
    ValueToCompare: path,
    UrlPart: 'PagePath',
    ValidatorType: 'UrlValidator',
    IsNegative: false,
    IsIgnoreCase: true,
  }))
  const action = {
    Name: 'bench',
    ActionType: 'Queue',
    EventId: EVENT,
    CookieDomain: '',
    IsCookieHttpOnly: true,
    IsCookieSecure: true,
    LayoutName: '',
    Culture: '',
    ExtendCookieValidity: true,
    CookieValidityMinute: COOKIE_MINUTES,
    Triggers: [{ TriggerParts: parts, LogicalOperator: 'Or' }],
    QueueDomain: QUEUE_DOMAIN,
    RedirectLogic: 'AllowTParameter',
    ForcedTargetUrl: '',
  }
  return JSON.stringify({
    Description: 'bench',
    Integrations: [action],
    CustomerId: 'customer',
    AccountId: 'customer',
    Version: 1,
    PublishDate: '2026-01-01T00:00:00.0000000Z',
    ConfigDataVersion: '1.0.0.1',
  })
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
