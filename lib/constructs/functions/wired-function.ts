/** A function with what it may touch: rows of the table, queues, the secret, each by its name. */
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { ENVIRONMENT } from '../../runtime/environment.ts'
import type { RoomQueues } from '../data/room-queues.ts'
import { TIMEOUTS } from '../data/timeouts.ts'
import { roomFunction } from './room-function.ts'

/** What all functions of a deployment share. */
export interface WiringProps {
  readonly table: TableV2
  readonly queues: RoomQueues
  readonly masterSecret: Secret
  readonly logRetention: RetentionDays
  /** By the function's name; a function that is not named shares what is left. */
  readonly reservedConcurrency?: ReservedConcurrency | undefined
}

export type ReservedConcurrency = Readonly<Partial<Record<keyof typeof TIMEOUTS, number>>>

/** What one function is for, and what of it all it may touch. */
export interface OwnProps {
  readonly description: string
  readonly memoryMegabytes: number
  /** What its store calls need on the one table, and no more: test/constructs/permissions.test.ts. */
  readonly tableActions: readonly string[]
  readonly sends: readonly ('ticks' | 'departures')[]
  readonly readsSecret: boolean
  /** Variables besides those of table, queues and secret. */
  readonly environment?: Readonly<Record<string, string>>
}

/** @param file in functions/, without its ending; the function is named like it. */
export function wiredFunction(
  scope: Construct,
  file: keyof typeof TIMEOUTS,
  wiring: WiringProps,
  own: OwnProps,
): NodejsFunction {
  const { table, queues, masterSecret, logRetention } = wiring
  const id = `${file.charAt(0).toUpperCase()}${file.slice(1)}`
  const made = roomFunction(scope, id, {
    file,
    description: `Antichambre: ${own.description}`,
    memoryMegabytes: own.memoryMegabytes,
    timeout: TIMEOUTS[file],
    logRetention,
    reservedConcurrency: wiring.reservedConcurrency?.[file],
    environment: {
      [ENVIRONMENT.table]: table.tableName,
      ...(own.sends.includes('ticks') && {
        [ENVIRONMENT.ticksQueue]: queues.ticks.queueUrl,
      }),
      ...(own.sends.includes('departures') && {
        [ENVIRONMENT.departuresQueue]: queues.departures.queueUrl,
      }),
      ...(own.readsSecret && { [ENVIRONMENT.masterSecret]: masterSecret.secretArn }),
      ...own.environment,
    },
  })
  table.grant(made, ...own.tableActions.map(action => `dynamodb:${action}`))
  for (const queue of own.sends) queues[queue].grant(made, 'sqs:SendMessage')
  if (own.readsSecret) {
    made.addToRolePolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [masterSecret.secretArn],
      }),
    )
  }
  return made
}
