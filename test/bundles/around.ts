/** What every step of the walk works with. */
import { createDynamoStore } from '../../lib/store/dynamodb/client.ts'
import type { Store } from '../../lib/store/port.ts'
import type { Cloud } from '../support/cloud/cloud.ts'
import { type Answer, type Browser, createBrowser } from '../support/cloud/network.ts'
import { createOperator } from './operator.ts'
import { type Shop, type Showroom, startEdgeShop, startShop } from './showrooms.ts'

export interface Around {
  readonly cloud: Cloud
  readonly operate: ReturnType<typeof createOperator>
  /** The table, past roles: only to look. */
  readonly store: Store
  readonly shop: Shop
  readonly edgeShop: Showroom
  /** Notes a step for whoever reads. */
  say(step: string): void
  newBrowser(): Browser
  /** What must be in no log: cookies, tokens, keys, and addresses with what they carry. */
  secrets(): ReadonlySet<string>
  /** One more of these. */
  keepSecret(...texts: readonly string[]): void
  /** An address of the room: `at('/status')`. */
  at(path: string): string
}

export const CARS = 97

export async function startAround(
  cloud: Cloud,
  room: string,
  say: (step: string) => void,
): Promise<Around & { close(): Promise<void> }> {
  const browsers: Browser[] = []
  const keys: Record<string, string> = JSON.parse(cloud.services.masterSecret)
  const { current: _, ...secretKeys } = keys
  const kept = new Set([cloud.keys.operatorToken, ...Object.values(secretKeys)])
  const shop = await startShop(cloud, 'shop.example', { room, stock: CARS })
  const edgeShop = await startEdgeShop(cloud, 'edge-shop.example', room)
  const { dynamo: client } = cloud.services.admin
  return {
    cloud,
    operate: createOperator(cloud),
    store: createDynamoStore({ client, table: cloud.deployment.table.ref }),
    shop,
    edgeShop,
    say,
    newBrowser() {
      const browser = createBrowser(cloud.network)
      browsers.push(browser)
      return browser
    },
    secrets: () => new Set([...kept, ...browsers.flatMap(browser => [...browser.secrets])]),
    keepSecret: (...texts) => {
      for (const text of texts) kept.add(text)
    },
    at: path => `${cloud.roomUrl}/r/${room}${path}`,
    async close() {
      await Promise.all([shop.close(), edgeShop.close()])
    },
  }
}

/** Where an answer leads. */
export function locationOf(answer: Answer): string {
  const location = answer.headers.get('location')
  if (location === null) throw new Error(`no redirect: ${answer.status} ${answer.text}`)
  return location
}

/** The status that everybody reads. */
export const statusOf = async ({ cloud, at }: Around) =>
  (await cloud.network.request(at('/status'))).json
