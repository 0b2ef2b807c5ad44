/** The waiting page and its files, built when the template is, in a private bucket. */
import { fileURLToPath } from 'node:url'
import { DockerImage, Duration, RemovalPolicy } from 'aws-cdk-lib'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { Construct } from 'constructs'
import { buildPage } from '../../page/build/build.ts'
import { acknowledgeUpload } from './upload-acknowledgements.ts'

export interface PageBucketProps {
  readonly logRetention: RetentionDays
}

export class PageBucket extends Construct {
  readonly bucket: IBucket

  constructor(scope: Construct, id: string, props: PageBucketProps) {
    super(scope, id)
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // With the stack goes the bucket, and a bucket goes only when it is empty.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    })
    // CDK's declarations are not made for exact optional properties: a Bucket is an IBucket.
    this.bucket = bucket as IBucket
    const logGroup = new LogGroup(this, 'UploadLog', {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const common = {
      sources: [builtPage()],
      destinationBucket: this.bucket,
      memoryLimit: 256,
      logGroup,
    }
    const assets = new BucketDeployment(this, 'Assets', {
      ...common,
      exclude: ['*'],
      include: ['assets/*'],
      // Their names change with their content. Pages that are still open ask for the old ones.
      prune: false,
      cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
    })
    const page = new BucketDeployment(this, 'Page', {
      ...common,
      exclude: ['*'],
      include: ['page.html'],
      contentType: 'text/html; charset=utf-8',
      prune: false,
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.minutes(1))],
    })
    // No page may name a file that is not there yet.
    page.node.addDependency(assets)
    acknowledgeUpload(page, bucket)
  }
}

/** CDK's bundling gives the build a directory and names the result by its content. */
function builtPage() {
  return Source.asset(fileURLToPath(new URL('../../page', import.meta.url)), {
    bundling: {
      image: DockerImage.fromRegistry('unused'),
      local: {
        tryBundle(outDir) {
          buildPage(outDir)
          return true
        },
      },
    },
  })
}
