/** What goes wrong on AWS, done to the bundles: poison, throttles, broken items, and one process for many. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { knowledgeOf } from '../../lib/queue/room/knowledge.ts'
import { itemKey } from '../../lib/store/table.ts'
import { lambdaEnvironment } from '../support/cloud/cloud.ts'
import { startInstance } from '../support/cloud/instance.ts'
import { type Browser, createBrowser } from '../support/cloud/network.ts'
import { eventually } from '../support/process.ts'
import { leaks, metricLines } from './logs.ts'
import { DONE, SHOWROOM, type Site, startSite } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site.cloud.close())
beforeEach(() => site.allGoesWell())

describe('failure mode 5: a poisoned message', () => {
  const POISON = ['{"room":7}', 'eyJhbGciOiJIUzI1NiJ9.no.json', '{"room":"../etc"}']

  test('fails alone: those beside it in its batch are done', async () => {
    await site.gathering('beside', 1)
    const [first = '', second = '', third = ''] = POISON
    const outcome = await site.tickOf(first, second, '{"room":"beside"}', third)
    expect(outcome).toEqual({
      status: 'answered',
      payload: {
        batchItemFailures: ['m0', 'm1', 'm3'].map(itemIdentifier => ({ itemIdentifier })),
      },
    })
    expect(
      (await site.store.loadRoom('beside', { consistent: true }))?.state.openedAtMs,
    ).not.toBeNull()
  })

  test('ends in the dead letters, whose alarm names its queue, and the queue goes on', async () => {
    await site.gathering('behind', 1)
    for (const body of [...POISON, '{"room":"behind"}']) await site.send('Ticks', body)
    site.cloud.eventSources.enable('Admit')
    const dead = await eventually(
      () => site.messagesIn('TicksDeadLetters'),
      count => count === POISON.length,
    )
    expect(dead).toBe(POISON.length)
    await site.cloud.eventSources.disable('Admit')
    const { state } = (await site.store.loadRoom('behind', { consistent: true })) ?? {}
    expect(state?.openedAtMs).not.toBeNull()
    const { Messages = [] } = await site.cloud.services.admin.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: site.queue('TicksDeadLetters'),
        MaxNumberOfMessages: 10,
      }),
    )
    expect(Messages.map(message => message.Body).sort()).toEqual([...POISON].sort())
  })
})

describe('failure mode 12: what one invocation knew is nothing to the next', () => {
  test('admit in one process sees at each tick what others changed, and keeps rooms apart', async () => {
    await site.gathering('warm-a', 1)
    await site.gathering('warm-b', 1)
    await site.letIn('warm-a')
    const started = site.cloud.lambda.coldStarts('Admit')
    await site.operate('POST', '/warm-a/pause', {})
    const late = createBrowser(site.cloud.network)
    await eventually(
      () => late.post(site.at('warm-a', '/tickets')),
      ({ status }) => status < 300,
    )
    const frontOf = async (room: string) =>
      (await site.store.loadRoom(room, { consistent: true }))?.state.front
    const before = await frontOf('warm-a')
    for (let count = 0; count < 3; count++) expect(await site.tick('warm-a')).toEqual(DONE)
    expect(await frontOf('warm-a')).toBe(before)
    expect(await frontOf('warm-b')).toBe(0)
    await site.letIn('warm-b')
    expect(await frontOf('warm-a')).toBe(before)
    await site.operate('POST', '/warm-a/resume', {})
    await site.letIn('warm-a')
    expect(site.cloud.lambda.coldStarts('Admit')).toBe(started)
  })

  test('visitors of one process get nothing of each other, nor of a room that was there before', async () => {
    const started = site.cloud.lambda.coldStarts('Visitor')
    const [one, other] = await site.gathering('anew', 2)
    const ticketOf = async (browser?: Browser) =>
      (await browser?.open(site.at('anew', '/ticket')))?.json
    const old = await ticketOf(one)
    expect((await ticketOf(other)).id).not.toBe(old.id)
    expect((await createBrowser(site.cloud.network).open(site.at('anew', '/ticket'))).status).toBe(
      404,
    )
    await site.operate('POST', '/anew/end', {})
    await site.operate('PUT', '/anew', { showroomUrl: SHOWROOM, opensAt: null })
    // What this process leased of the ended sale is worth nothing in the new one.
    await eventually(
      () => createBrowser(site.cloud.network).post(site.at('anew', '/tickets')),
      ({ status, json }) => status === 201 && json.cohort > old.cohort,
    )
    expect((await one?.open(site.at('anew', '/place')))?.json.error.code).toBe('room-ended')
    expect(site.cloud.lambda.coldStarts('Visitor')).toBe(started)
  })
})

describe('a variable that is missing', () => {
  // Between them they have every variable that there is.
  test.each(['Visitor', 'Health'])('keeps %s from starting, which says its name', async name => {
    const plan = site.cloud.deployment.functions.find(one => one.name === name)
    if (plan === undefined) throw new Error(`no function ${name}`)
    for (const variable of Object.keys(plan.environment)) {
      const { [variable]: _, ...environment } = plan.environment
      const lines: string[] = []
      const instance = await startInstance(
        { ...plan, environment },
        lambdaEnvironment(site.cloud.services, name),
        line => void lines.push(line),
      )
      expect(await instance.invoke({})).toEqual({ status: 'failed', errorType: 'Error' })
      await instance.stop()
      const [{ message } = { message: undefined }] = lines
        .map(line => JSON.parse(line))
        .filter(line => line.message?.errorType !== undefined)
      expect(message?.errorMessage).toBe(`${variable} is not set`)
    }
  })
})

describe('what is printed then', () => {
  test('of a request that nobody foresaw: an error by name, code and place, under the request', async () => {
    const [browser] = await site.gathering('broken', 1)
    const { pk, sk } = itemKey.state('broken')
    const Item = { pk: { S: pk }, sk: { S: sk }, version: { N: '1' }, json: { S: 'eyJhbGciOi' } }
    const TableName = site.cloud.deployment.table.ref
    await site.cloud.services.admin.dynamo.send(new PutItemCommand({ TableName, Item }))
    const seen = site.cloud.lambda.printed.length
    const answer = await eventually(
      () =>
        browser?.open(site.at('broken', '/place?to=https://shop.example/&secret=hunter2')) ??
        never(),
      ({ status }) => status === 500,
    )
    expect(answer.json.error.code).toBe('internal-error')
    const lines = site.cloud.lambda.printed.slice(seen).map(({ line }) => JSON.parse(line))
    expect(lines).toContainEqual({
      level: 'ERROR',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      message: { what: 'request', error: expect.any(String), at: expect.stringMatching(/^at /) },
    })
  })

  test('while the table throttles: nothing by the visitor, who comes again', async () => {
    const [browser] = await site.gathering('busy', 1)
    const seen = site.cloud.lambda.printed.length
    site.cloud.decideFates(({ caller, service }) =>
      caller === 'Visitor' && service === 'dynamodb' ? 'throttled' : 'carried-out',
    )
    const refused = await eventually(
      () => browser?.post(site.at('busy', '/passes')) ?? never(),
      ({ status }) => status === 503,
    )
    expect([refused.json.error.code, refused.headers.get('retry-after')]).toEqual([
      'try-again',
      '2',
    ])
    expect(site.cloud.lambda.printed.slice(seen)).toEqual([])
  })

  test('by a clock that fails: tried once more, as its rule says, and told without a secret', async () => {
    site.cloud.decideFates(({ caller }) => (caller === 'Clock' ? 'throttled' : 'carried-out'))
    const before = site.cloud.lambda.invocations('Clock')
    const [outcome] = await site.cloud.minute()
    expect(outcome).toEqual({ status: 'failed', errorType: expect.any(String) })
    expect(site.cloud.lambda.invocations('Clock') - before).toBe(2)
  })

  test('failure mode 44: while admission stands still, by the clock, the very metric that the alarm watches', async () => {
    await site.gathering('still', 1)
    const room = await site.store.loadRoom('still', { consistent: true })
    if (room === undefined) throw new Error('the room was made')
    // A minute and more goes by without ticks.
    const opensAt = new Date(Date.now() - 61_000).toISOString()
    await site.store.saveConfig('still', { ...room.config, opensAt }, room.configVersion)
    const edited = { ...room, configVersion: room.configVersion + 1 }
    await site.store.setWake('still', Date.now() - 61_000, knowledgeOf(edited))
    await site.cloud.minute()
    const { properties: alarm } = site.cloud.deployment.template.at(
      'WaitingRoom/Operation/Alarms/NobodyLetIn',
    )
    const [line] = metricLines(site.cloud.lambda.printed).filter(({ metrics }) =>
      metrics.includes(alarm.MetricName),
    )
    expect(line).toMatchObject({ functionName: 'Clock', namespace: alarm.Namespace })
    expect(line?.dimensions).toEqual(alarm.Dimensions.map(({ Name }: { Name: string }) => Name))
    for (const { Name, Value } of alarm.Dimensions) expect(line?.line[Name]).toBe(Value)
    expect(line?.line[alarm.MetricName]).toBeGreaterThanOrEqual(alarm.Threshold)
    // The one that was broken before hides no other.
    const named = String(line?.line.rooms).split(', ')
    expect(named).toEqual(expect.arrayContaining(['broken', 'still']))
  })

  test('failure mode 42: no token, cookie, secret or query in all of this', () => {
    const master: Record<string, string> = JSON.parse(site.cloud.services.masterSecret)
    const secrets = [
      site.cloud.keys.operatorToken,
      'hunter2',
      ...Object.values(master),
      ...site.browsers.flatMap(browser => [...browser.secrets]),
    ]
    expect(
      site.cloud.lambda.printed.filter(({ line }) => line.includes('ERROR')).length,
    ).toBeGreaterThan(5)
    expect(leaks(site.cloud.lambda.printed, secrets)).toEqual([])
  })
})

function never(): never {
  throw new Error('somebody came')
}
