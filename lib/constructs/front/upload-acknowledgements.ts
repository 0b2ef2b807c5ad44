/**
 * What the checks say of the function that CDK itself brings to copy files into a bucket. It runs
 * while the stack is deployed and at no other time; its code, runtime and role are CDK's.
 */
import { Stack, Token, Validations } from 'aws-cdk-lib'
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3'
import type { BucketDeployment } from 'aws-cdk-lib/aws-s3-deployment'

/** Each finding is acknowledged by its own name: one more permission is one more finding. */
export function acknowledgeUpload(deployment: BucketDeployment, bucket: Bucket): void {
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'CloudFront alone reads it, and what is in it is public: a log would tell nothing.',
  })
  const handler = deployment.handlerRole.node.scope
  if (handler === undefined) throw new Error('the upload function of CDK has moved')
  const stack = Stack.of(bucket)
  // The one child that every bucket of CDK is made of.
  const bucketId = stack.getLogicalId(bucket.node.defaultChild as CfnBucket)
  // What the stack does not know yet, the checks name by its pseudo parameter.
  const known = (value: string, pseudo: string) =>
    Token.isUnresolved(value) ? `<AWS::${pseudo}>` : value
  const partition = known(stack.partition, 'Partition')
  const place = `${known(stack.account, 'AccountId')}-${known(stack.region, 'Region')}`
  const assets = `cdk-${stack.synthesizer.bootstrapQualifier}-assets-${place}`

  const because = (reason: string, ids: readonly string[]) =>
    Validations.of(handler).acknowledge(...ids.map(id => ({ id, reason })))
  because(
    'It reads the built page in the assets bucket and writes it into the page bucket, both named; the wildcards are the kinds of reading and writing.',
    [
      ...['GetBucket', 'GetObject', 'List', 'Abort', 'DeleteObject'].map(
        action => `AwsSolutions-IAM5[Action::s3:${action}*]`,
      ),
      `AwsSolutions-IAM5[Resource::arn:${partition}:s3:::${assets}/*]`,
      `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/*]`,
    ],
  )
  because('CDK gives its own function the basic policy and chooses its runtime.', [
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    'AwsSolutions-L1',
    'Serverless-LambdaLatestVersion',
  ])
  because('CloudFormation calls it, waits for its answer and undoes the deployment without one.', [
    'Serverless-LambdaDLQ',
    'Serverless-LambdaTracing',
  ])
}
