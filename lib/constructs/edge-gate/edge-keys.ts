/**
 * Puts a gate's keys into its store when the stack is deployed, and compares them with the master secret
 * every five minutes.
 */
import { CustomResource, Duration, Stack, Validations } from 'aws-cdk-lib'
import type { KeyValueStore } from 'aws-cdk-lib/aws-cloudfront'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { KEYS_FRESH_MS } from '../../keys/fresh-keys.ts'
import { ENVIRONMENT } from '../../runtime/environment.ts'
import { roomFunction } from '../functions/room-function.ts'
import { alarmOf, ringAt } from '../operation/alarms.ts'

export interface EdgeKeysProps {
  readonly room: string
  readonly initialMode: 'on' | 'off'
  readonly store: KeyValueStore
  readonly masterSecretArn: string
  readonly logRetention: RetentionDays
}

/** Its pauses between tries are half a minute together, and each call may take some seconds. */
const TIMEOUT = Duration.minutes(2)
/** CloudFormation would wait an hour for a function that cannot even start. */
const ANSWER_WITHIN = Duration.minutes(10)
/** Five minutes. A rotation waits ten between its steps, so every gate learns of the new key. */
const EACH = Duration.millis(KEYS_FRESH_MS)

export class EdgeKeys extends Construct {
  readonly function: NodejsFunction

  constructor(scope: Construct, id: string, props: EdgeKeysProps) {
    super(scope, id)
    const { room, initialMode, store, masterSecretArn } = props
    this.function = roomFunction(this, 'Function', {
      file: 'edge-keys',
      description: `Antichambre: the gate keys of ${room} at the edge`,
      memoryMegabytes: 256,
      timeout: TIMEOUT,
      logRetention: props.logRetention,
      environment: {
        [ENVIRONMENT.edgeStore]: store.keyValueStoreArn,
        [ENVIRONMENT.masterSecret]: masterSecretArn,
      },
    })
    this.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [masterSecretArn],
      }),
    )
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: STORE_ACTIONS, resources: [store.keyValueStoreArn] }),
    )
    const gate = { Room: room, InitialMode: initialMode }
    this.putNow({ ...gate, StoreArn: store.keyValueStoreArn, SecretArn: masterSecretArn })
    this.compareRegularly(gate)
    Validations.of(this).acknowledge(...ACKNOWLEDGED)
  }

  /** Rings when a run failed, and its second try a minute later failed too. */
  ringAt(topic: ITopic): void {
    const alarm = alarmOf(this, {
      id: 'GateKeys',
      says: 'the gate keys at the edge cannot be compared with the master secret.',
      metric: this.function.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
      minutes: [2, 10],
    })
    ringAt(topic, [alarm])
  }

  /**
   * CloudFormation repeats this step only when a property changed. `Code` changes with the code, so new
   * code writes the keys again, in its own form.
   */
  private putNow(gate: Readonly<Record<string, string>>): void {
    // The one child that every function of CDK is made of.
    const { code } = this.function.node.defaultChild as CfnFunction
    const { s3Key } = Stack.of(this).resolve(code)
    new CustomResource(this, 'Put', {
      resourceType: 'Custom::AntichambreEdgeKeys',
      serviceToken: this.function.functionArn,
      serviceTimeout: ANSWER_WITHIN,
      properties: { ...gate, Code: s3Key },
    })
  }

  /** A run that failed is tried once more; the next one does all of its work. */
  private compareRegularly(gate: Readonly<Record<string, string>>): void {
    const patience = { maxEventAge: EACH, retryAttempts: 1 }
    this.function.configureAsyncInvoke(patience)
    new Rule(this, 'Regularly', {
      description: `Antichambre: compares the gate keys of ${gate.Room} with the master secret`,
      schedule: Schedule.rate(EACH),
      targets: [
        new LambdaFunction(this.function, { event: RuleTargetInput.fromObject(gate), ...patience }),
      ],
    })
  }
}

/** What lib/keys/key-value-store.ts calls, and no more. */
const STORE_ACTIONS = ['DescribeKeyValueStore', 'GetKey', 'PutKey', 'DeleteKey'].map(
  action => `cloudfront-keyvaluestore:${action}`,
)

const NEXT_RUN = 'The next run, five minutes later, does all that a failed one left undone.'
const ACKNOWLEDGED = [
  {
    id: 'Serverless-LambdaDLQ',
    reason: `${NEXT_RUN} A deployment is told of its failure, and tried again by its owner.`,
  },
  { id: 'Serverless-LambdaAsyncFailureDestination', reason: NEXT_RUN },
  { id: 'Serverless-EventBusDLQ', reason: NEXT_RUN },
  {
    id: 'Serverless-LambdaTracing',
    reason: 'It makes four calls in a deployment, and one in five minutes; its log says all of it.',
  },
]
