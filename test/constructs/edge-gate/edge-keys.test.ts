/** What is deployed to put keys into a gate's store: no more than it needs; and the bundle, as Lambda runs it. */
import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Gate } from '../../../lib/constructs/edge-gate/gate.ts'
import { edgeStoreKey } from '../../../lib/gate/edge/request/edge-config.ts'
import { KEYS_FRESH_MS } from '../../../lib/keys/fresh-keys.ts'
import { createKeyRing } from '../../../lib/keys/key-ring.ts'
import { ENVIRONMENT } from '../../../lib/runtime/environment.ts'
import { NAVIGATION, NOW_MS, options, SHOP } from '../../gate/browser.ts'
import { sessionToken, withPass } from '../../gate/cases/parts.ts'
import { passToken } from '../../gate/cases.ts'
import { functionOf } from '../../gate/edge/gate.ts'
import { viewerRequest } from '../../gate/edge/runtime.ts'
import {
  CREDENTIALS,
  type EdgeAws,
  edgeAws,
  SECRET_ARN,
  STORE_ARN,
} from '../../support/edge-aws.ts'
import { at, resources, testApp } from '../synthesise.ts'
import { GATE } from '../with-gate.ts'

const BUNDLE_BYTES_MAX = 400_000
const SECRET = JSON.stringify({ current: 'k1', k1: 'm'.repeat(64) })

let template: Template
let bundle: string
beforeAll(() => {
  const app = testApp()
  new Gate(new Stack(app, 'Antichambre'), 'Gate', GATE)
  const assembly = app.synth()
  template = Template.fromJSON(assembly.getStackByName('Antichambre').template)
  const { S3Key } = at(template, 'Gate/Keys/Function').Properties.Code
  const asset = `asset.${String(S3Key).replace('.zip', '')}`
  bundle = join(assembly.directory, asset, 'index.mjs')
})

const storeArn = () => ({ 'Fn::GetAtt': [at(template, 'Gate/Store').id, 'Arn'] })

interface Statement {
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource: unknown
}

/** What the role may do besides writing its own log. */
function statements(): Statement[] {
  const role = at(template, 'Gate/Keys/FunctionRole')
  expect(role.Properties.ManagedPolicyArns).toBeUndefined()
  const policies = Object.values(resources(template, 'AWS::IAM::Policy')).filter(
    policy => policy.Properties.Roles[0].Ref === role.id,
  )
  return policies.flatMap(policy => policy.Properties.PolicyDocument.Statement)
}

describe('the function', () => {
  test('may read one secret, write to one store, and write its log: nothing with a wildcard', () => {
    const log = { 'Fn::GetAtt': [at(template, 'Gate/Keys/FunctionLog').id, 'Arn'] }
    expect(statements()).toEqual([
      { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: log },
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: SECRET_ARN },
      {
        Effect: 'Allow',
        Action: ['DeleteKey', 'DescribeKeyValueStore', 'GetKey', 'PutKey'].map(
          action => `cloudfront-keyvaluestore:${action}`,
        ),
        Resource: storeArn(),
      },
    ])
    expect(JSON.stringify(statements())).not.toContain('*')
  })

  test('is told of that secret and that store, and nothing else', () => {
    const { Properties } = at(template, 'Gate/Keys/Function')
    expect(Properties.Environment.Variables).toEqual({
      [ENVIRONMENT.masterSecret]: SECRET_ARN,
      [ENVIRONMENT.edgeStore]: storeArn(),
    })
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] })
    expect(Properties.VpcConfig).toBeUndefined()
    expect(at(template, 'Gate/Keys/FunctionLog').Properties.RetentionInDays).toBe(30)
  })

  test('compares keys as often as the room’s own functions do, called by that rule alone', () => {
    const rule = at(template, 'Gate/Keys/Regularly').Properties
    expect(rule.ScheduleExpression).toBe(`rate(${KEYS_FRESH_MS / 60_000} minutes)`)
    expect(rule.State).toBe('ENABLED')
    const target = { 'Fn::GetAtt': [at(template, 'Gate/Keys/Function').id, 'Arn'] }
    expect(rule.Targets).toEqual([
      {
        Id: 'Target0',
        Arn: target,
        Input: JSON.stringify({ Room: 'demo', InitialMode: 'on' }),
        RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 1 },
      },
    ])
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission'))
    expect(permissions.map(({ Properties }) => Properties.Principal)).toEqual([
      'events.amazonaws.com',
    ])
    expect(JSON.stringify(permissions[0]?.Properties.SourceArn)).toContain('Regularly')
  })

  test('is called by a deployment whenever gate, store, secret or its own code are others', () => {
    const { Properties } = at(template, 'Gate/Keys/Put')
    const { ServiceToken, ServiceTimeout, ...told } = Properties
    expect(told).toEqual({
      Room: 'demo',
      InitialMode: 'on',
      StoreArn: storeArn(),
      SecretArn: SECRET_ARN,
      Code: at(template, 'Gate/Keys/Function').Properties.Code.S3Key,
    })
    const { Timeout } = at(template, 'Gate/Keys/Function').Properties
    // Lambda tries an event three times.
    expect(Number(ServiceTimeout)).toBeGreaterThan(3 * Timeout)
  })
})

describe('the bundle', () => {
  let aws: EdgeAws
  beforeAll(async () => {
    aws = await edgeAws(SECRET)
  })
  afterAll(() => aws.stop())

  test('is at most 400 KB, and leaves out what no function needs of the SDK', () => {
    console.log(`the bundle of edge-keys: ${statSync(bundle).size} bytes`)
    expect(statSync(bundle).size).toBeLessThanOrEqual(BUNDLE_BYTES_MAX)
    expect(readFileSync(bundle, 'utf8')).not.toMatch(/sso_start_url|credential_process|aws-crt/)
  })

  test('put, compared and removed keys by every call that its role allows, and by no other', async () => {
    const event = (RequestType: string) => ({
      RequestType,
      ResponseURL: aws.answerUrl,
      StackId: 'stack',
      RequestId: RequestType,
      LogicalResourceId: 'Put',
      ResourceProperties: { Room: 'demo', InitialMode: 'on', StoreArn: STORE_ARN },
    })
    const said = await invoke(event('Create'))
    const key = createKeyRing(SECRET).gateKeys('demo')[0]
    if (key === undefined) throw new Error('no key')
    const { url, cookie } = withPass(passToken({ key }))
    const store = Object.fromEntries(aws.values)
    const visit = viewerRequest({ method: 'GET', url, cookie, ...NAVIGATION })
    expect(await functionOf(options).handler(visit, { store, nowMs: NOW_MS })).toMatchObject({
      headers: { location: { value: `${SHOP}/sale` } },
      cookies: { 'antichambre-demo': { value: sessionToken({ key }) } },
    })
    aws.secret.sinceMs = Date.now()
    await invoke({ Room: 'demo', InitialMode: 'on' })
    await invoke(event('Update'))
    expect([...aws.values.keys()]).toEqual([edgeStoreKey('demo')])
    await invoke(event('Delete'))
    expect(aws.values.size).toBe(0)
    expect(aws.told.map(({ Status, RequestId }) => [RequestId, Status])).toEqual([
      ['Create', 'SUCCESS'],
      ['Update', 'SUCCESS'],
      ['Delete', 'SUCCESS'],
    ])
    expect(said).toContain('written')
    expect(said).not.toContain('mmmm')

    const allowed = statements()
      .flatMap(({ Action }) => Action)
      .filter(action => !action.startsWith('logs:'))
      .map(action => action.split(':')[1])
    expect([...new Set(aws.calls)].sort()).toEqual(allowed.sort())
  })

  /** What it wrote into its log. */
  async function invoke(event: object): Promise<string> {
    // The account's number before `localhost` is a name that no resolver knows.
    const resolver = `import dns from 'node:dns'
      const { lookup } = dns
      dns.lookup = (name, ...rest) => lookup(name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest)`
    const script = `import(process.argv[1]).then(({ handler }) => handler(${JSON.stringify(event)}, {}))`
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(resolver)}`,
        '--eval',
        script,
        bundle,
      ],
      {
        env: {
          ...CREDENTIALS,
          AWS_REGION: 'eu-west-3',
          AWS_ENDPOINT_URL: aws.url,
          [ENVIRONMENT.masterSecret]: SECRET_ARN,
          [ENVIRONMENT.edgeStore]: STORE_ARN,
        },
      },
    )
    return stdout + stderr
  }
})
