/** The stack that `cdk deploy` makes: one waiting room, for any account and region. */
import { type App, CfnOutput, Stack, type StackProps, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { WaitingRoom } from './waiting-room.ts'
import type { WaitingRoomProps } from './waiting-room-props.ts'

/**
 * @param propsIn makes the room's props in the stack that they are for, such as its alarm topic.
 * @param stackProps such as `env`, where a prop asks for a region.
 *
 * @example
 * ```ts
 * import { App } from 'aws-cdk-lib'
 * import { Topic } from 'aws-cdk-lib/aws-sns'
 * import { antichambreStack } from '../lib/constructs/stack.ts'
 *
 * antichambreStack(
 *   new App(),
 *   stack => ({
 *     alarmTopic: Topic.fromTopicArn(stack, 'Ops', 'arn:aws:sns:us-east-1:111122223333:ops'),
 *   }),
 *   { env: { region: 'us-east-1' } },
 * )
 * ```
 */
export function antichambreStack(
  app: App,
  propsIn: (stack: Stack) => WaitingRoomProps = () => ({}),
  stackProps: StackProps = {},
): Stack {
  const stack = new Stack(app, 'Antichambre', {
    description: 'Antichambre: a serverless virtual queue and waiting room',
    ...stackProps,
  })
  const room = new WaitingRoom(stack, 'WaitingRoom', propsIn(stack))
  const output = (name: string, description: string, value: string) =>
    new CfnOutput(stack, name, { description, value })

  output('Url', 'Where visitors and operators find the room', room.url)
  output('TableName', 'The table', room.table.tableName)
  output('TicksQueueUrl', 'The queue of ticks', room.queues.ticks.queueUrl)
  output('DeparturesQueueUrl', 'Where showrooms send departures', room.queues.departures.queueUrl)
  output('MasterSecretArn', 'The master secret, by name alone', room.masterSecret.secretArn)

  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
  return stack
}
