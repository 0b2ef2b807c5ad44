/**
 * A CDK app of an owner's own: a showroom of files behind CloudFront, a waiting room, and the gate between
 * them.
 *
 *   npx cdk deploy --app 'npx tsx examples/static-showroom/app.ts'
 *
 * Then make the room, or visitors are sent to one that is not there: docs/deploy.md, "The first room", with
 * `"showroomUrl": "<ShowroomUrl>cars/index.html"`.
 */
import { fileURLToPath } from 'node:url'
import { Gate, WaitingRoom } from 'antichambre'
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment'

const app = new App()
const stack = new Stack(app, 'StaticShowroom', { description: 'A showroom behind a waiting room' })

// A trial: with the stack goes everything. For a real sale leave the default, which keeps the table.
const waitingRoom = new WaitingRoom(stack, 'WaitingRoom', { removalPolicy: RemovalPolicy.DESTROY })

const gate = new Gate(stack, 'Gate', {
  waitingRoom,
  room: 'cars',
  // The front page is for everybody; the cars are for those whose turn it is.
  protect: ['/cars/*'],
})

const files = new Bucket(stack, 'Files', {
  enforceSSL: true,
  removalPolicy: RemovalPolicy.DESTROY,
  autoDeleteObjects: true,
  // CDK's declarations are not made for exact optional properties, if your compiler asks for them.
}) as IBucket
const showroom = new Distribution(stack, 'Showroom', {
  defaultRootObject: 'index.html',
  defaultBehavior: gate.inFrontOf({ origin: S3BucketOrigin.withOriginAccessControl(files) }),
})
new BucketDeployment(stack, 'Upload', {
  sources: [Source.asset(fileURLToPath(new URL('site', import.meta.url)))],
  destinationBucket: files,
})

const output = (name: string, description: string, value: string) =>
  new CfnOutput(stack, name, { description, value })
output('ShowroomUrl', 'Where visitors come', `https://${showroom.distributionDomainName}/`)
output('Url', 'Where visitors wait, and where operators find the room', waitingRoom.url)
output('MasterSecretArn', 'The master secret, by name alone', waitingRoom.masterSecret.secretArn)
output('GateStoreArn', 'For `gate mode`', gate.store.keyValueStoreArn)
