/** A room and its visitors in a cloud in which things go wrong, ticked where a test says so. */
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { expect, inject } from 'vitest'
import { closeDueAtMs } from '../../lib/queue/cohort/arrival-window.ts'
import { opened } from '../../lib/queue/room/opening.ts'
import { createDynamoStore } from '../../lib/store/dynamodb/client.ts'
import { startCloud } from '../support/cloud/cloud.ts'
import type { Call, Fate } from '../support/cloud/endpoint.ts'
import { type Browser, createBrowser } from '../support/cloud/network.ts'
import { eventually } from '../support/process.ts'
import { createOperator } from './operator.ts'

export const SHOWROOM = 'https://shop.example/'
/** How a batch ends of which nothing failed. */
export const DONE = { status: 'answered', payload: { batchItemFailures: [] } }
/** In place of the minutes of the template: what was taken and not done comes again this soon. */
const VISIBILITY_SECONDS = 1

export type Site = Awaited<ReturnType<typeof startSite>>

export async function startSite() {
  const cloud = await startCloud({
    folder: inject('assembly'),
    visibilitySeconds: VISIBILITY_SECONDS,
  })
  const operate = createOperator(cloud)
  const { dynamo: client, sqs } = cloud.services.admin
  const store = createDynamoStore({ client, table: cloud.deployment.table.ref })
  const browsers: Browser[] = []
  await cloud.eventSources.disable('Admit')

  const queue = (name: string) => cloud.deployment.template.at(`WaitingRoom/Queues/${name}`).ref
  const at = (room: string, path: string) => `${cloud.roomUrl}/r/${room}${path}`
  const loaded = async (room: string) => {
    const found = await store.loadRoom(room, { consistent: true })
    if (found === undefined) throw new Error(`there is no room ${room}`)
    return found
  }
  const tickOf = (...bodies: string[]) =>
    cloud.lambda.invoke('Admit', {
      Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })),
    })
  const tick = (room: string) => tickOf(JSON.stringify({ room }))

  return {
    cloud,
    operate,
    store,
    /** Everybody who came. */
    browsers,
    at,
    queue,
    loaded,
    /** One invocation of admit, with these messages. */
    tickOf,
    tick,

    /** A room that is due to open, and visitors who hold tickets of it. */
    async gathering(room: string, count: number, config: object = {}): Promise<Browser[]> {
      const opensAt = new Date().toISOString()
      const rate = { ratePerMinute: 6_000, batchSeconds: 1 }
      await operate('PUT', `/${room}`, { showroomUrl: SHOWROOM, opensAt, ...rate, ...config })
      const visitors = Array.from({ length: count }, () => createBrowser(cloud.network))
      browsers.push(...visitors)
      for (const browser of visitors) {
        expect((await browser.post(at(room, '/tickets'))).status).toBe(201)
      }
      return visitors
    },

    /** Ticks until everybody drawn is let in. */
    letIn: (room: string) =>
      eventually(
        async () => {
          expect(await tick(room)).toEqual(DONE)
          return (await loaded(room)).state
        },
        ({ tail, front }) => tail > 0 && front === tail,
      ),

    /** Waits, for an instance's view of a room may be a second old. */
    async admittedPlace(browser: Browser, room: string): Promise<number> {
      const { json } = await eventually(
        () => browser.open(at(room, '/place')),
        told => told.json.status === 'admitted',
      )
      return json.place
    },

    /** Would a tick of now open the room and close its first cohort? */
    async isCloseDue(room: string): Promise<boolean> {
      const { config, state } = await loaded(room)
      const dueAtMs = closeDueAtMs({ config, state: opened({ config, state }, Date.now()) })
      return dueAtMs !== null && dueAtMs <= Date.now()
    },

    send: (name: string, MessageBody: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl: queue(name), MessageBody })),

    async messagesIn(name: string): Promise<number> {
      const command = new GetQueueAttributesCommand({
        QueueUrl: queue(name),
        AttributeNames: ['ApproximateNumberOfMessages'],
      })
      const { Attributes } = await sqs.send(command)
      return Number(Attributes?.ApproximateNumberOfMessages)
    },

    /** The nth write of a function goes wrong, once; all else goes on as it should. */
    letWriteFail(functionName: string, n: number, fate: Fate) {
      let met = 0
      cloud.decideFates(call => {
        if (call.caller !== functionName || !isWrite(call)) return 'carried-out'
        met++
        return met === n ? fate : 'carried-out'
      })
    },
    allGoesWell: () => cloud.decideFates(() => 'carried-out'),
  }
}

function isWrite({ operation }: Call): boolean {
  return ['PutItem', 'UpdateItem', 'DeleteItem'].includes(operation)
}
