import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { antichambreStack } from '../../lib/constructs/stack.ts'
import { type FakeAws, fakeAws } from './fake-aws.ts'
import { at, cdkJson, placeOf, resources, testApp } from './synthesise.ts'
import { gateTemplate } from './with-gate.ts'

const FUNCTIONS = ['Visitor', 'Operator', 'Clock', 'Admit', 'Departures'] as const
const BUNDLE_BYTES_MAX = 400_000
const EDGE_BYTES_MAX = 10_000

let folder: string
let stack: Stack
let template: Template
let missing: unknown
beforeAll(() => {
  const app = testApp()
  stack = antichambreStack(app)
  // Throws when a rule of the checks is broken and not acknowledged.
  const assembly = app.synth()
  folder = assembly.directory
  missing = assembly.manifest.missing
  template = Template.fromJSON(assembly.getStackByName('Antichambre').template)
})

describe('the checks', () => {
  test('a finding that nobody acknowledged stops the synthesis', () => {
    const app = testApp({ 'aws:cdk:bundling-stacks': [] })
    new Bucket(antichambreStack(app), 'Open')
    expect(() => app.synth()).toThrow('AwsSolutions-S10')
  })
})

describe('the stack', () => {
  test('failure mode 46: a deployment needs nothing but the account', () => {
    expect(Object.keys(template.toJSON().Parameters)).toEqual(['BootstrapVersion'])
    expect(missing).toBeUndefined()
    expect(stack.environment).toBe('aws://unknown-account/unknown-region')
    expect(JSON.stringify(template.toJSON())).not.toMatch(/\b\d{12}\b/)
  })

  test('nothing in it runs, or is paid by the hour, while nobody waits', () => {
    const types = new Set(Object.values(resources(template)).map(one => one.Type))
    expect([...types].sort()).toEqual([
      'AWS::CloudFront::CachePolicy',
      'AWS::CloudFront::Distribution',
      'AWS::CloudFront::Function',
      'AWS::CloudFront::OriginAccessControl',
      'AWS::CloudFront::ResponseHeadersPolicy',
      // The only two, with the secret, that are paid while nobody waits: operation.test.ts counts them.
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::DynamoDB::GlobalTable',
      'AWS::Events::Rule',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::Lambda::EventInvokeConfig',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Lambda::LayerVersion',
      'AWS::Lambda::Permission',
      'AWS::Lambda::Url',
      'AWS::Logs::LogGroup',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
      'AWS::SecretsManager::Secret',
      'Custom::CDKBucketDeployment',
      'Custom::S3AutoDeleteObjects',
    ])
  })

  test('tells its addresses and names, and of the secret the name alone', () => {
    const { Outputs } = template.toJSON()
    const secret = at(template, 'WaitingRoom/MasterSecret').id
    expect(Object.keys(Outputs).sort()).toEqual([
      'DeparturesQueueUrl',
      'MasterSecretArn',
      'TableName',
      'TicksQueueUrl',
      'Url',
    ])
    expect(Outputs.MasterSecretArn.Value).toEqual({ Ref: secret })
  })

  test('is made by the settings that CDK recommends, and reports to nobody', () => {
    const recommended = JSON.parse(
      readFileSync(
        new URL('../../node_modules/aws-cdk-lib/recommended-feature-flags.json', import.meta.url),
        'utf8',
      ),
    )
    expect(cdkJson.context).toEqual({ 'cli-telemetry': false, ...recommended })
    expect(cdkJson).toMatchObject({
      app: 'npx tsx bin/app.ts',
      versionReporting: false,
      notices: false,
    })
  })
})

describe('edge functions', () => {
  test.each([
    ['ForwardViewer', 'forward-viewer'],
    ['PageRequest', 'page'],
  ])('%s is %s.js, on runtime 2.0, within what CloudFront takes', (place, file) => {
    const { Properties } = at(template, `WaitingRoom/Front/${place}`)
    const source = new URL(`../../lib/constructs/edge/${file}.js`, import.meta.url)
    expect(Properties.FunctionCode).toBe(readFileSync(source, 'utf8'))
    expect(Properties.FunctionConfig.Runtime).toBe('cloudfront-js-2.0')
    expect(Properties.AutoPublish).toBe(true)
    expect(Buffer.byteLength(Properties.FunctionCode)).toBeLessThan(EDGE_BYTES_MAX)
  })
})

describe('bundles', () => {
  let aws: FakeAws
  beforeAll(async () => {
    aws = await fakeAws({
      'DynamoDB_20120810.Query': {
        Items: [{ sk: { S: 'cars' }, wakesAtMs: { N: '0' } }],
        Count: 1,
      },
      'secretsmanager.GetSecretValue': {
        SecretString: JSON.stringify({ current: 'k1', k1: 'x'.repeat(64) }),
      },
      'AmazonSQS.SendMessageBatch': { Successful: [], Failed: [] },
    })
  })
  afterAll(() => aws.stop())

  test.each(FUNCTIONS)('%s is at most 400 KB', name => {
    expect(statSync(bundleOf(name)).size).toBeLessThanOrEqual(BUNDLE_BYTES_MAX)
  })

  test.each(FUNCTIONS)('%s leaves out what no function needs of the SDK', name => {
    const bundle = readFileSync(bundleOf(name), 'utf8')
    expect(bundle).not.toMatch(/sso_start_url|credential_process/)
    expect(bundle).not.toMatch(/prelude checksum|mnemonist\/lru-cache/i)
  })

  const request = (path: string) => ({
    version: '2.0',
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'function.example' },
    requestContext: { http: { method: 'GET', path, sourceIp: '192.0.2.1' } },
    isBase64Encoded: false,
  })
  test.each([
    ['Visitor', request('/healthz'), { statusCode: 200, body: 'ok' }],
    ['Operator', request('/operator/api/rooms'), { statusCode: 401 }],
    ['Clock', { 'detail-type': 'Scheduled Event' }, null],
    ['Admit', { Records: [] }, { batchItemFailures: [] }],
    ['Departures', { Records: [] }, { batchItemFailures: [] }],
  ])('%s starts as Lambda starts it, and answers', async (name, event, answer) => {
    const outcome = await invoke(name, event)
    if (answer === null) expect(outcome).toBeNull()
    else expect(outcome).toMatchObject(answer)
  })

  test('calls are signed with the credentials of the environment, session and all', async () => {
    aws.calls.length = 0
    await invoke('Visitor', request('/healthz'))
    await invoke('Clock', {})
    const targets = new Set(aws.calls.map(call => call.target))
    expect([...targets].sort()).toEqual([
      'AmazonSQS.SendMessageBatch',
      'DynamoDB_20120810.Query',
      'secretsmanager.GetSecretValue',
    ])
    for (const call of aws.calls) {
      expect(call.authorization).toContain('Credential=KEY-OF-THE-ROLE/')
      expect(call.sessionToken).toBe('SESSION-OF-THE-ROLE')
    }
  })

  function bundleOf(name: string): string {
    const { S3Key } = at(template, `WaitingRoom/Functions/${name}`).Properties.Code
    return join(folder, `asset.${String(S3Key).replace('.zip', '')}`, 'index.mjs')
  }

  async function invoke(name: string, event: object): Promise<unknown> {
    const script = `const context = { getRemainingTimeInMillis: () => 60_000 }
      import(process.argv[1]).then(({ handler }) => handler(${JSON.stringify(event)}, context))
      .then(answer => process.stdout.write(JSON.stringify(answer ?? null)))`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--eval', script, bundleOf(name)],
      {
        env: {
          AWS_REGION: 'eu-west-3',
          AWS_ENDPOINT_URL: aws.url,
          AWS_ACCESS_KEY_ID: 'KEY-OF-THE-ROLE',
          AWS_SECRET_ACCESS_KEY: 'SECRET-OF-THE-ROLE',
          AWS_SESSION_TOKEN: 'SESSION-OF-THE-ROLE',
          TABLE_NAME: 'table',
          TICKS_QUEUE_URL: `${aws.url}/1/ticks`,
          DEPARTURES_QUEUE_URL: `${aws.url}/1/departures`,
          MASTER_SECRET_ARN: 'secret',
        },
      },
    )
    return JSON.parse(stdout)
  }
})

describe('the architecture page', () => {
  interface Row {
    place: string
    type: string
    why: string
  }
  const docs = new URL('../../docs/', import.meta.url)
  const rows: Row[] = readdirSync(docs)
    .filter(file => /^architecture.*\.md$/.test(file))
    .flatMap(file => readFileSync(new URL(file, docs), 'utf8').split('\n'))
    .flatMap(line => {
      const cells = /^\| `([^`]+)` \| `((?:AWS|Custom)::[^`]+)` \| (.+) \|$/.exec(line)
      const [, place = '', type = '', why = ''] = cells ?? []
      return cells === null ? [] : [{ place, type, why }]
    })
  const deployed = () => [template, gateTemplate()].flatMap(one => Object.entries(resources(one)))
  const covers = (row: Row, place: string) =>
    new RegExp(`^${row.place.replaceAll('*', '[^/]*')}$`).test(place)

  test('names every resource of room and gate once, by its place and type', () => {
    for (const [id, resource] of deployed()) {
      const place = placeOf(resource)
      const fit = rows.filter(row => covers(row, place))
      expect({ id, place, types: fit.map(row => row.type) }).toEqual({
        id,
        place,
        types: [resource.Type],
      })
    }
  })

  test('names nothing that is not there, and says why of each', () => {
    const places = deployed().map(([, resource]) => placeOf(resource))
    for (const row of rows) {
      expect([row.place, places.filter(place => covers(row, place)).length]).not.toEqual([
        row.place,
        0,
      ])
      expect(row.why.length, row.place).toBeGreaterThan(20)
    }
  })
})
