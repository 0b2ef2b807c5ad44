/**
 * Queue-it's connector validating its own token, in the same process as our gates: what a site would
 * use otherwise. A development dependency of this bench alone; without it there is no comparison.
 */
import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'

const PACKAGE = '@queue-it/connector-javascript'
const SECRET = 'a'.repeat(72)
const EVENT = 'event1'
const URL = 'https://shop.example/sale/cars?colour=red'

/** What is used of version 5. */
interface Connector {
  readonly KnownUser: {
    resolveQueueRequestByLocalConfig(
      targetUrl: string,
      token: string,
      config: object,
      customerId: string,
      secret: string,
      context: object,
      apiKey: null,
    ): Promise<{ doRedirect(): boolean }>
  }
  readonly QueueEventConfig: new (...fields: readonly unknown[]) => object
}

export interface Rival {
  /** A token of the queue comes in the address, and a session begins. */
  enter(): Promise<void>
  /** The session's cookie comes. */
  session(): Promise<void>
  /** Nothing comes: away to the queue. */
  toRoom(): Promise<void>
}

/** Undefined where the package is not installed. */
export async function rival(nowMs: number): Promise<Rival | undefined> {
  const connector = installed()
  if (connector === undefined) return undefined
  const config = new connector.QueueEventConfig(
    ...[
      EVENT,
      [],
      '',
      '',
      'shop.queue-it.net',
      '',
      true,
      20,
      '',
      true,
      true,
      1,
      'bench',
      false,
      null,
    ],
  )
  let kept: string | undefined
  // as its documentation has it for Node
  const hash = (secret: string, text: string) =>
    createHmac('sha256', secret).update(text).digest('hex')
  const contextOf = (cookie: string | undefined) => ({
    getHttpRequest: () => ({
      getUserAgent: () => 'bench',
      getHeader: () => '',
      getAbsoluteUri: () => URL,
      getUserHostAddress: () => '198.51.100.11',
      getCookieValue: () => cookie,
      getRequestBodyAsString: () => '',
    }),
    getHttpResponse: () => ({
      setCookie: (_: string, value: string) => {
        kept = value
      },
    }),
    getCryptoProvider: () => ({ getSha256Hash: hash }),
    getEnqueueTokenProvider: () => null,
  })
  const ask = async (token: string, cookie: string | undefined, isLetIn: boolean) => {
    const context = contextOf(cookie)
    const answer = await connector.KnownUser.resolveQueueRequestByLocalConfig(
      ...([URL, token, config, 'customer', SECRET, context, null] as const),
    )
    if (answer.doRedirect() === isLetIn) throw new Error(`${PACKAGE} decided otherwise`)
  }
  const endsAt = Math.floor(nowMs / 1000) + 240
  const claims = `e_${EVENT}~q_f8757c2d-34c2-4639-bef2-1736cdd30bbb~ts_${endsAt}~ce_true~rt_queue`
  const token = `${claims}~h_${hash(SECRET, claims)}`
  await ask(token, undefined, true)
  const cookie = kept
  return {
    enter: () => ask(token, undefined, true),
    session: () => ask('', cookie, true),
    toRoom: () => ask('', undefined, false),
  }
}

function installed(): Connector | undefined {
  try {
    return createRequire(import.meta.url)(PACKAGE) as Connector
  } catch {
    return undefined
  }
}
