import type { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, expect, test } from 'vitest'
import { pageApp } from '../../../lib/local/page-app.ts'
import { pageFiles } from '../../../lib/page/build/build.ts'
import { type Front, frontOf } from '../distribution.ts'
import { at, synthesise } from '../synthesise.ts'

/** The id that AWS gives its own policy. */
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6'
const FILES = ['/r/*', '/assets/*']

let template: Template
let front: Front
beforeAll(() => {
  template = synthesise()
  front = frontOf(template)
})

const behaviour = (path: string) => front.behaviour(path)
const ref = (place: string) => ({ Ref: at(template, `WaitingRoom/Front/${place}`).id })

test('come from a bucket that is private, encrypted and read by CloudFront alone', () => {
  const bucket = at(template, 'WaitingRoom/Pages/Bucket')
  expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  })
  expect(bucket.Properties.BucketEncryption).toBeDefined()
  // CDK's own function, which empties the bucket when the stack is deleted.
  const emptier = at(template, 'Custom::S3AutoDeleteObjectsCustomResourceProvider/Role').id
  const { Statement } = at(template, 'WaitingRoom/Pages/Bucket/Policy').Properties.PolicyDocument
  expect(Statement).toEqual([
    expect.objectContaining({
      Effect: 'Deny',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
    expect.objectContaining({
      Effect: 'Allow',
      Action: ['s3:DeleteObject*', 's3:GetBucket*', 's3:List*', 's3:PutBucketPolicy'],
      Principal: { AWS: { 'Fn::GetAtt': [emptier, 'Arn'] } },
    }),
    expect.objectContaining({
      Effect: 'Allow',
      Action: 's3:GetObject',
      Principal: { Service: 'cloudfront.amazonaws.com' },
    }),
  ])
  const origin = front.originOf(bucket.id)
  for (const path of FILES) expect(behaviour(path).TargetOriginId).toBe(origin.id)
  expect(origin.accessControl).toMatchObject({
    OriginAccessControlOriginType: 's3',
    SigningBehavior: 'always',
  })
})

test.each(FILES)('%s is cached, compressed, and nothing but read', path => {
  expect(behaviour(path)).toMatchObject({
    CachePolicyId: CACHING_OPTIMIZED,
    Compress: true,
    AllowedMethods: ['GET', 'HEAD'],
    ResponseHeadersPolicyId: ref('PageHeaders'),
  })
  expect(behaviour(path).OriginRequestPolicyId).toBeUndefined()
})

test('each file is deployed once, and kept as long as it is on one machine', () => {
  const deployments = ['Page', 'Assets'].map(
    name => at(template, `WaitingRoom/Pages/${name}/CustomResource-256MiB`).Properties,
  )
  for (const [path, file] of pageFiles()) {
    const fit = deployments.filter(({ Exclude, Include }) => {
      expect(Exclude).toEqual(['*'])
      return Include.some((one: string) => path === one || path.startsWith(one.replace('*', '')))
    })
    expect(fit.map(one => one.SystemMetadata['cache-control'])).toEqual([file.cacheControl])
    const type = fit[0].SystemMetadata['content-type']
    if (type !== undefined) expect(type).toBe(file.type)
  }
})

test('files that open pages still ask for outlive a deployment, and go with the stack', () => {
  const assets = at(template, 'WaitingRoom/Pages/Assets/CustomResource-256MiB').Properties
  expect(assets.Prune).toBe(false)
  const bucket = at(template, 'WaitingRoom/Pages/Bucket')
  const emptied = at(template, 'WaitingRoom/Pages/Bucket/AutoDeleteObjectsCustomResource')
  expect(bucket.DeletionPolicy).toBe('Delete')
  expect(emptied.Properties.BucketName).toEqual({ Ref: bucket.id })
})

test('no page is deployed before what it loads', () => {
  const { id } = at(template, 'WaitingRoom/Pages/Assets/CustomResource-256MiB')
  const page = at(template, 'WaitingRoom/Pages/Page/CustomResource-256MiB')
  expect(page.DependsOn).toContain(id)
})

test('the page runs its own files alone, and shows its address to nobody else', () => {
  const headers = at(template, 'WaitingRoom/Front/PageHeaders').Properties
    .ResponseHeadersPolicyConfig.SecurityHeadersConfig
  const policy: string = headers.ContentSecurityPolicy.ContentSecurityPolicy
  expect(policy.split('; ')).toEqual(
    expect.arrayContaining(["default-src 'self'", "frame-ancestors 'none'"]),
  )
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(headers.ReferrerPolicy.ReferrerPolicy).toBe('same-origin')
  expect(headers.ContentTypeOptions).toEqual({ Override: true })
  expect(headers.StrictTransportSecurity.AccessControlMaxAgeSec).toBe(365 * 86_400)
})

test('the page has the same headers here and on one machine', async () => {
  const { headers } = await pageApp(pageFiles()).request('/r/cars')
  const deployed = at(template, 'WaitingRoom/Front/PageHeaders').Properties
    .ResponseHeadersPolicyConfig.SecurityHeadersConfig
  expect(deployed.ContentSecurityPolicy.ContentSecurityPolicy).toBe(
    headers.get('content-security-policy'),
  )
  expect(deployed.ReferrerPolicy.ReferrerPolicy).toBe(headers.get('referrer-policy'))
})
