/** The gate as a construct: what it deploys, how it is put in front of a distribution, what it refuses. */
import { CfnParameter, Lazy, Stack, Validations } from 'aws-cdk-lib'
import type { Template } from 'aws-cdk-lib/assertions'
import {
  type BehaviorOptions,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  type IFunction,
  LambdaEdgeEventType,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { Version } from 'aws-cdk-lib/aws-lambda'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { describe, expect, test } from 'vitest'
import { Gate, type GateProps } from '../../../lib/constructs/edge-gate/gate.ts'
import { WaitingRoom } from '../../../lib/constructs/waiting-room.ts'
import { edgeConfig } from '../../../lib/gate/edge/edge-options.ts'
import {
  EDGE_BYTES_MAX,
  edgeRequestSource,
  edgeResponseSource,
} from '../../../lib/gate/edge/function-source.ts'
import { edgeStoreKey } from '../../../lib/gate/edge/request/edge-config.ts'
import { NAVIGATION, NOW_MS, options, SHOP } from '../../gate/browser.ts'
import { stored } from '../../gate/edge/gate.ts'
import { edgeFunction, viewerRequest } from '../../gate/edge/runtime.ts'
import { SECRET_ARN } from '../../support/edge-aws.ts'
import { at, resources, testApp } from '../synthesise.ts'
import { ELSEWHERE, GATE, gateTemplate, stackOf, templateOf } from '../with-gate.ts'

const OPTIONS = {
  room: 'demo',
  publicUrl: SHOP,
  protect: ['/sale/*'],
  bypass: ['/sale/terms'],
  gracePaths: ['/sale/pay'],
  way: 'through',
} as const

describe('the functions', () => {
  const template = gateTemplate(OPTIONS)
  const config = edgeConfig({ ...OPTIONS, roomUrl: ELSEWHERE.url })

  test.each([
    ['Request', edgeRequestSource(config)],
    ['Response', edgeResponseSource(config)],
  ])('%s is the built source of these options, on runtime 2.0, with the store', (place, source) => {
    const { Properties } = at(template, `Gate/${place}`)
    expect(Properties.FunctionCode).toBe(source)
    expect(Properties.AutoPublish).toBe(true)
    expect(Properties.FunctionConfig).toMatchObject({
      Runtime: 'cloudfront-js-2.0',
      KeyValueStoreAssociations: [
        { KeyValueStoreARN: { 'Fn::GetAtt': [at(template, 'Gate/Store').id, 'Arn'] } },
      ],
    })
  })

  test('are there only when their keys are: no request meets a gate without any', () => {
    const put = at(template, 'Gate/Keys/Put').id
    for (const place of ['Request', 'Response']) {
      expect(at(template, `Gate/${place}`).DependsOn).toContain(put)
    }
  })

  test('know the address of a room that is deployed with them, and send visitors there', async () => {
    const stack = stackOf()
    const waitingRoom = new WaitingRoom(stack, 'WaitingRoom')
    new Gate(stack, 'Gate', { ...OPTIONS, waitingRoom })
    const both = templateOf(stack)
    const domain = 'd111111abcdef8.cloudfront.net'
    const { id } = at(both, 'WaitingRoom/Front/Distribution')
    const source = joined(at(both, 'Gate/Request').Properties.FunctionCode, part => {
      expect(part).toEqual({ 'Fn::GetAtt': [id, 'DomainName'] })
      return domain
    })
    expect(source).toBe(edgeRequestSource(edgeConfig({ ...OPTIONS, roomUrl: `https://${domain}` })))
    const answer = await edgeFunction(source).handler(
      viewerRequest({ method: 'GET', url: `${SHOP}/sale`, ...NAVIGATION }),
      { nowMs: NOW_MS, store: { [edgeStoreKey('demo')]: JSON.stringify(stored(options.keys)) } },
    )
    expect(answer).toMatchObject({
      statusCode: 302,
      headers: {
        location: { value: expect.stringMatching(`^https://${domain}/r/demo/through\\?`) },
      },
    })
  })

  test('leave room for an address that only the deployment knows', () => {
    const rules = (count: number) =>
      Array.from({ length: count }, (_, number) => `/path/${String(number).padStart(4, '0')}`)
    const isSmall = (count: number) => {
      try {
        edgeRequestSource(
          edgeConfig({ room: 'demo', roomUrl: ELSEWHERE.url, protect: rules(count) }),
        )
        return true
      } catch {
        return false
      }
    }
    let most = 1
    while (isSmall(most + 1)) most += 1
    const protect = rules(most)
    const url = Lazy.string({ produce: () => 'https://x.example' })
    expect(() => gateTemplate({ protect, waitingRoom: { ...ELSEWHERE, url } })).toThrow(
      /fewer rules/,
    )
    const code = at(gateTemplate({ protect }), 'Gate/Request').Properties.FunctionCode
    expect(Buffer.byteLength(code)).toBeLessThanOrEqual(EDGE_BYTES_MAX)
  })
})

/** The text of a join, with each part that is no text given by `of`. */
function joined(join: { 'Fn::Join': [string, unknown[]] }, of: (part: unknown) => string): string {
  const [separator, parts] = join['Fn::Join']
  return parts.map(part => (typeof part === 'string' ? part : of(part))).join(separator)
}

describe('in front of a distribution', () => {
  const origin = new HttpOrigin('shop.example')
  const gated = (
    behavior: Partial<BehaviorOptions> = {},
    others: Partial<BehaviorOptions>[] = [],
  ) => {
    const stack = stackOf()
    const gate = new Gate(stack, 'Gate', GATE)
    new Distribution(stack, 'Showroom', {
      defaultBehavior: gate.inFrontOf({ origin, ...behavior }),
      additionalBehaviors: Object.fromEntries(
        others.map((other, number) => [`/${number}`, gate.inFrontOf({ origin, ...other })]),
      ),
    })
    return templateOf(stack)
  }
  const behaviours = (template: Template) => {
    const { DistributionConfig } = at(template, 'Showroom').Properties
    return [DistributionConfig.DefaultCacheBehavior, ...(DistributionConfig.CacheBehaviors ?? [])]
  }

  test('it decides on requests and tells on responses, in each behaviour that it is given', () => {
    const template = gated({}, [{ viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY }])
    const arn = (place: string) => ({
      'Fn::GetAtt': [at(template, `Gate/${place}`).id, 'FunctionARN'],
    })
    for (const behaviour of behaviours(template)) {
      expect(behaviour.FunctionAssociations).toEqual([
        { EventType: 'viewer-request', FunctionARN: arn('Request') },
        { EventType: 'viewer-response', FunctionARN: arn('Response') },
      ])
    }
    expect(behaviours(template).map(one => one.ViewerProtocolPolicy)).toEqual([
      'redirect-to-https',
      'https-only',
    ])
  })

  test('it leaves everything else of a behaviour as it is', () => {
    const stack = stackOf()
    const gate = new Gate(stack, 'Gate', GATE)
    const { functionAssociations, ...others } = gate.inFrontOf({
      origin,
      compress: false,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    })
    expect(others).toEqual({
      origin,
      compress: false,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    })
    expect(functionAssociations).toEqual([gate.request, gate.response])
    expect(gate.functionAssociations).toEqual([gate.request, gate.response])
  })

  test('it is refused where it could not be, or would be put twice', () => {
    const stack = stackOf()
    const gate = new Gate(stack, 'Gate', GATE)
    const own = (eventType: FunctionEventType) => {
      const edge = new EdgeFunction(stack, eventType, { code: FunctionCode.fromInline('x') })
      return { eventType, function: edge as IFunction }
    }
    const arn = 'arn:aws:lambda:us-east-1:111122223333:function:edge:1'
    const edgeLambda = (eventType: LambdaEdgeEventType) => ({
      eventType,
      functionVersion: Version.fromVersionArn(stack, `Edge-${eventType}`, arn),
    })
    const { VIEWER_REQUEST, VIEWER_RESPONSE } = FunctionEventType
    const refused: [object, string][] = [
      [{ functionAssociations: [own(VIEWER_REQUEST)] }, 'a function for viewer-request came'],
      [{ functionAssociations: [own(VIEWER_RESPONSE)] }, 'a function for viewer-response came'],
      [
        gate.inFrontOf({ origin }),
        'a function for viewer-request, a function for viewer-response came',
      ],
      [
        { edgeLambdas: [edgeLambda(LambdaEdgeEventType.VIEWER_REQUEST)] },
        'a Lambda@Edge function for viewer-request came',
      ],
      [
        { edgeLambdas: [edgeLambda(LambdaEdgeEventType.VIEWER_RESPONSE)] },
        'a Lambda@Edge function for viewer-response came',
      ],
      [{ viewerProtocolPolicy: ViewerProtocolPolicy.ALLOW_ALL }, 'http came, https'],
    ]
    for (const [behavior, says] of refused) {
      expect(() => gate.inFrontOf(behavior)).toThrow(`inFrontOf: ${says}`)
    }
    const atOrigin = { edgeLambdas: [edgeLambda(LambdaEdgeEventType.ORIGIN_REQUEST)] }
    expect(() => gate.inFrontOf(atOrigin)).not.toThrow()
  })
})

describe('several gates in one stack', () => {
  const stack = stackOf()
  const waitingRoom = new WaitingRoom(stack, 'WaitingRoom')
  for (const room of ['cars', 'vans']) new Gate(stack, `Gate-${room}`, { room, waitingRoom })
  const template = templateOf(stack)

  test('have a store, keys and functions each, and none may write to another’s', () => {
    const stores = Object.keys(resources(template, 'AWS::CloudFront::KeyValueStore'))
    expect(stores).toHaveLength(2)
    for (const room of ['cars', 'vans']) {
      const store = at(template, `Gate-${room}/Store`).id
      const [other] = stores.filter(one => one !== store)
      const own = [
        'Request',
        'Response',
        'Keys/Function',
        'Keys/FunctionRole/DefaultPolicy',
        'Keys/Put',
      ]
      for (const place of own) {
        const text = JSON.stringify(at(template, `Gate-${room}/${place}`).Properties)
        expect([place, text.includes(`"${store}"`), text.includes(`"${other}"`)]).toEqual([
          place,
          true,
          false,
        ])
      }
      expect(at(template, `Gate-${room}/Keys/Put`).Properties).toMatchObject({ Room: room })
    }
  })

  test('have names that stacks of one name in two regions do not share', () => {
    const names = Object.values(resources(template, 'AWS::CloudFront::KeyValueStore')).map(
      ({ Properties }) =>
        joined(Properties.Name, part => {
          expect(part).toEqual({ Ref: 'AWS::Region' })
          return 'ap-southeast-1'
        }),
    )
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(name).toMatch(/^ap-southeast-1-[\w-]{1,40}$/)
  })
})

describe('the checks', () => {
  test('find nothing that is not acknowledged', () => {
    const app = testApp({ 'aws:cdk:bundling-stacks': [] })
    new Gate(new Stack(app, 'Antichambre'), 'Gate', GATE)
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
    expect(() => app.synth()).not.toThrow()
  })
})

describe('an alarm', () => {
  const alarms = (template: Template) =>
    Object.values(resources(template, 'AWS::CloudWatch::Alarm'))

  test('rings where it is told to when a comparison failed twice, and says when it is over', () => {
    const stack = stackOf()
    const alarmTopic = new Topic(stack, 'Topic') as ITopic
    new Gate(stack, 'Gate', { ...GATE, alarmTopic })
    const template = templateOf(stack)
    const topic = [{ Ref: at(template, 'Topic').id }]
    expect(alarms(template).map(({ Properties }) => Properties)).toMatchObject([
      {
        MetricName: 'Errors',
        Dimensions: [{ Value: { Ref: at(template, 'Gate/Keys/Function').id } }],
        DatapointsToAlarm: 2,
        EvaluationPeriods: 10,
        TreatMissingData: 'notBreaching',
        AlarmActions: topic,
        OKActions: topic,
        AlarmDescription: expect.stringMatching(/docs\/runbook\.md#gatekeys$/),
      },
    ])
  })

  test('is not there unless it is asked for', () => {
    expect(alarms(gateTemplate())).toEqual([])
  })
})

describe('no key is in a template', () => {
  const template = gateTemplate()

  test('nor anything that becomes one when it is deployed', () => {
    const text = JSON.stringify(template.toJSON())
    expect(text).not.toContain('{{resolve:')
    expect(text).not.toContain('SecretString')
    expect(template.toJSON().Outputs ?? {}).toEqual({})
  })
})

test('the store keeps its name whatever the props, so that no deployment replaces it', () => {
  const pinned = 'GateStoreA6963135'
  for (const props of [{}, OPTIONS, { room: 'vans' }, { initialMode: 'off' }] as const) {
    expect(at(gateTemplate(props), 'Gate/Store').id).toBe(pinned)
  }
})

describe('props that cannot be are refused with a sentence:', () => {
  const token = () => new CfnParameter(stackOf(), 'P').valueAsString
  const known = 'a token came, a value that is known before the deployment'
  test.each([
    [{ room: 'Cars' }, 'room: an id has'],
    [{ room: '' }, 'room: an id has'],
    [{ protect: [] }, 'protect: at least one rule is needed'],
    [{ protect: ['sale'] }, 'protect: '],
    [{ protect: ['/σ'] }, 'protect: the edge cannot compare the letters of /σ'],
    [{ bypass: ['/*'] }, 'bypass: /* would bypass everything'],
    [{ gracePaths: ['/pay/**'] }, 'gracePaths: '],
    [
      { gracePaths: ['/pay'], graceSeconds: 0 },
      'graceSeconds: 0 came, a whole number from 1 to 3600',
    ],
    [{ graceSeconds: 60 }, 'graceSeconds: 60 came, which does nothing without gracePaths'],
    [{ gracePaths: ['/pay'], graceSeconds: 1.5 }, 'graceSeconds: 1.5 came'],
    [{ way: 'around' as 'page' }, 'way: page or through is allowed'],
    [{ initialMode: 'open' as 'off' }, 'initialMode: open came, on or off is allowed'],
    [{ publicUrl: 'http://shop.example' }, 'publicUrl: http://shop.example came, an https address'],
    [{ publicUrl: 'https://shop.example/sale' }, 'publicUrl: an origin is allowed'],
    [{ publicUrl: 'shop.example' }, 'publicUrl: shop.example came'],
    [
      { waitingRoom: { ...ELSEWHERE, url: 'http://wait.example' } },
      'waitingRoom.url: http://wait.example came',
    ],
    [
      { waitingRoom: { ...ELSEWHERE, url: 'https://wait.example?x' } },
      'roomUrl: an http(s) address',
    ],
    [{ room: token() }, `room: ${known}`],
    [{ publicUrl: token() }, `publicUrl: ${known}`],
    [{ protect: ['/sale', token()] }, `protect: ${known}`],
    [{ room: 'Cars', protect: [], way: 'x' as 'page' }, 'room: an id has'],
  ] satisfies [Partial<GateProps>, string][])('%j', (props, says) => {
    expect(() => gateTemplate(props)).toThrow(says)
  })

  test('a secret by its name, for which no permission could be given', () => {
    const stack = stackOf()
    const masterSecret = Secret.fromSecretNameV2(stack, 'Secret', 'master')
    const props = { room: 'cars', waitingRoom: { url: ELSEWHERE.url, masterSecret } }
    expect(() => new Gate(stack, 'Gate', props)).toThrow(
      'waitingRoom.masterSecret: a secret by a part of its name came, one by its complete ARN',
    )
    const whole = Secret.fromSecretCompleteArn(stack, 'Whole', SECRET_ARN)
    const right = { room: 'cars', waitingRoom: { url: ELSEWHERE.url, masterSecret: whole } }
    expect(() => new Gate(stack, 'Right', right)).not.toThrow()
  })

  test('all that are wrong are named at once', () => {
    expect(() => gateTemplate({ room: 'Cars', protect: [] })).toThrow(/room: .*; protect: /)
  })
})
