/** The gate of a showroom that is behind CloudFront: functions at the edge, their store, and its keys. */
import { Names, Stack, Token } from 'aws-cdk-lib'
import {
  type BehaviorOptions,
  Function as EdgeFunction,
  type FunctionAssociation,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  type IFunction,
  KeyValueStore,
  LambdaEdgeEventType,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { EdgeGateOptions } from '../../gate/edge/edge-options.ts'
import {
  aNumber,
  aRetention,
  aText,
  aTopic,
  type Checks,
  checkProps,
  construct,
  oneOf,
  texts,
} from '../props/checks.ts'
import { refuse } from '../props/refuse.ts'
import { EdgeKeys } from './edge-keys.ts'
import { edgeSources } from './edge-sources.ts'

/** The deployment that the room is in. A `WaitingRoom` is one. */
export interface GatedRoom {
  /** Where visitors are sent, such as `https://wait.example`. */
  readonly url: string
  /** The deployment's master secret, by its complete ARN: the gate keys are derived from it. */
  readonly masterSecret: {
    readonly secretArn: string
    readonly secretFullArn?: string | undefined
  }
}

/**
 * The deployment of the room, the room's id, and what the gate protects. What every gate is told is in
 * docs/gates.md.
 *
 * @example
 * ```ts
 * import { App, Stack } from 'aws-cdk-lib'
 * import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
 * import { Topic } from 'aws-cdk-lib/aws-sns'
 * import { Gate } from '../lib/constructs/index.ts'
 *
 * // The room is deployed elsewhere: its outputs Url and MasterSecretArn.
 * const stack = new Stack(new App(), 'Shop')
 * const secretArn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:master-AbCdEf'
 * new Gate(stack, 'Gate', {
 *   waitingRoom: {
 *     url: 'https://wait.shop.example',
 *     masterSecret: Secret.fromSecretCompleteArn(stack, 'MasterSecret', secretArn),
 *   },
 *   room: 'cars',
 *   publicUrl: 'https://shop.example',
 *   protect: ['/cars/*', '/checkout/*'],
 *   // Who has paid may see the receipt, though the session is over.
 *   gracePaths: ['/checkout/thanks'],
 *   // Everybody walks through until `gate mode cars on` on the command line.
 *   initialMode: 'off',
 *   alarmTopic: Topic.fromTopicArn(stack, 'Ops', 'arn:aws:sns:us-east-1:111122223333:ops'),
 * })
 * ```
 */
export interface GateProps extends Omit<EdgeGateOptions, 'roomUrl'> {
  /**
   * The deployment that the room is in: a `WaitingRoom` of this app; or of another one, by the stack's
   * outputs `Url` and `MasterSecretArn`.
   */
  readonly waitingRoom: GatedRoom
  /**
   * The mode of a new gate. `off` lets everybody through until `gate mode ROOM on` is given on the command
   * line. No later deployment changes the mode.
   *
   * @default 'on'
   */
  readonly initialMode?: 'on' | 'off'
  /**
   * Where an alarm rings when the gate's keys cannot be compared with the master secret: after a rotation
   * the gate would refuse passes. 0.10 USD a month; docs/runbook.md has a section for it.
   *
   * @default - nowhere, and there is no alarm
   */
  readonly alarmTopic?: ITopic
  /**
   * How long the log of the function that puts the keys into the store is kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays
}

/** The parts of a behaviour that matter to a gate. */
export type GatedBehavior = Pick<
  BehaviorOptions,
  'functionAssociations' | 'edgeLambdas' | 'viewerProtocolPolicy'
>

/**
 * The gate in front of behaviours of your own CloudFront distribution. It decides on each request by keys
 * that it has at the edge, and asks nobody.
 *
 * @example
 * ```ts
 * import { App, Stack } from 'aws-cdk-lib'
 * import { Distribution } from 'aws-cdk-lib/aws-cloudfront'
 * import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
 * import { Gate, WaitingRoom } from '../lib/constructs/index.ts'
 *
 * const stack = new Stack(new App(), 'Sale')
 * const waitingRoom = new WaitingRoom(stack, 'WaitingRoom')
 * const gate = new Gate(stack, 'Gate', { waitingRoom, room: 'cars', protect: ['/cars/*'] })
 * new Distribution(stack, 'Shop', {
 *   defaultBehavior: gate.inFrontOf({ origin: new HttpOrigin('origin.shop.example') }),
 * })
 * ```
 */
export class Gate extends Construct {
  /** Decides, on viewer requests. */
  readonly request: FunctionAssociation
  /** Tells visitors and caches, on viewer responses: `antichambre-gate`, `vary`, `cache-control`. */
  readonly response: FunctionAssociation
  /** Both, for a behaviour that has no function of its own. */
  readonly functionAssociations: FunctionAssociation[]
  /** Where its keys and its mode are. */
  readonly store: KeyValueStore
  /** Puts the keys there. */
  readonly keys: EdgeKeys

  /** @throws Error that names every prop that is wrong. */
  constructor(scope: Construct, id: string, props: GateProps) {
    super(scope, id)
    checkProps<GateProps>('props', props, GATE_PROPS, ['waitingRoom', 'room'])
    const { waitingRoom, initialMode = 'on', alarmTopic, logRetention, ...options } = props
    checkValues(props)
    const sources = edgeSources({ ...options, roomUrl: waitingRoom.url })
    this.store = new KeyValueStore(this, 'Store', {
      keyValueStoreName: storeName(this),
      comment: `Antichambre: keys and mode of the gate of ${props.room}`,
    })
    this.keys = new EdgeKeys(this, 'Keys', {
      room: props.room,
      initialMode,
      store: this.store,
      masterSecretArn: waitingRoom.masterSecret.secretArn,
      logRetention: logRetention ?? RetentionDays.ONE_MONTH,
    })
    if (alarmTopic !== undefined) this.keys.ringAt(alarmTopic)
    const { VIEWER_REQUEST, VIEWER_RESPONSE } = FunctionEventType
    this.request = this.association('Request', VIEWER_REQUEST, 'decides', sources.request)
    this.response = this.association('Response', VIEWER_RESPONSE, 'tells', sources.response)
    this.functionAssociations = [this.request, this.response]
  }

  /**
   * A behaviour of your distribution with the gate in front of it, by https alone.
   * @throws Error where the behaviour has a function already that runs when the gate would.
   */
  inFrontOf<Behavior extends object>(
    behavior: Behavior & GatedBehavior,
  ): Behavior & Required<Omit<GatedBehavior, 'edgeLambdas'>> {
    checkBehavior(behavior)
    const { functionAssociations = [], viewerProtocolPolicy } = behavior
    return {
      ...behavior,
      viewerProtocolPolicy: viewerProtocolPolicy ?? ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      functionAssociations: [...functionAssociations, ...this.functionAssociations],
    }
  }

  private association(
    id: string,
    eventType: FunctionEventType,
    does: string,
    source: string,
  ): FunctionAssociation {
    const edge = new EdgeFunction(this, id, {
      comment: `Antichambre: the gate ${does}`,
      code: FunctionCode.fromInline(source),
      runtime: FunctionRuntime.JS_2_0,
      keyValueStore: this.store,
    })
    // The keys first: a gate without keys answers 503 to everybody.
    edge.node.addDependency(this.keys)
    // CDK's declarations are not made for exact optional properties: a Function is an IFunction.
    return { eventType, function: edge as IFunction }
  }
}

/** Names of stores are global: two stacks of one name in two regions need two names for their stores. */
function storeName(scope: Construct): string {
  return `${Stack.of(scope).region}-${Names.uniqueResourceName(scope, { maxLength: 40 })}`
}

/** Each of them has a row in docs/deploy.md: test/constructs/props.test.ts compares. */
export const GATE_PROPS: Checks<GateProps> = {
  waitingRoom: construct('a WaitingRoom, or { url, masterSecret },', 'url', 'masterSecret'),
  room: aText,
  publicUrl: aText,
  protect: texts,
  bypass: texts,
  way: aText,
  gracePaths: texts,
  graceSeconds: aNumber,
  initialMode: oneOf('on', 'off'),
  alarmTopic: aTopic,
  logRetention: aRetention,
}

function checkValues(props: GateProps): void {
  const { waitingRoom, publicUrl = 'https://', ...others } = props
  const { url, masterSecret } = waitingRoom
  const unknown = Object.entries({ ...others, publicUrl })
    .filter(([, value]) => [value].flat().some(one => Token.isUnresolved(one)))
    .map(([name]) => name)
  if (unknown.length > 0) {
    const own = 'a value that is known before the deployment'
    refuse(unknown.join(', '), 'a token', `${own} (the gate cannot ask the distribution it is in)`)
  }
  if (!Token.isUnresolved(url) && !/^https:\/\//i.test(url)) {
    refuse('waitingRoom.url', url, 'an https address')
  }
  if (!/^https:\/\//i.test(publicUrl)) {
    refuse('publicUrl', publicUrl, 'an https address, for the cookies of the gate are for https,')
  }
  if (masterSecret.secretFullArn === undefined) {
    const came = 'a secret by a part of its name'
    refuse(
      'waitingRoom.masterSecret',
      came,
      'one by its complete ARN, MasterSecretArn of the room,',
    )
  }
}

/** CloudFront runs one function for each event of a behaviour: its own kind, or Lambda@Edge. */
function checkBehavior(behavior: GatedBehavior): void {
  const { functionAssociations = [], edgeLambdas = [], viewerProtocolPolicy } = behavior
  const { VIEWER_REQUEST, VIEWER_RESPONSE } = LambdaEdgeEventType
  const own = [
    ...functionAssociations.map(({ eventType }) => `a function for ${eventType}`),
    ...edgeLambdas
      .filter(({ eventType }) => eventType === VIEWER_REQUEST || eventType === VIEWER_RESPONSE)
      .map(({ eventType }) => `a Lambda@Edge function for ${eventType}`),
  ]
  if (own.length > 0) {
    refuse('inFrontOf', own.join(', '), 'a behaviour without functions for viewers')
  }
  if (viewerProtocolPolicy === ViewerProtocolPolicy.ALLOW_ALL) {
    refuse('inFrontOf', 'http', 'https, for the cookies of the gate are for https,')
  }
}
