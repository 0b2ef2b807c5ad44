/**
 * The distribution of the template, on a port of this machine: behaviours by their patterns, the template's
 * own functions of viewer requests, caches, and signed origins. Transport encryption and compression are
 * left out, and so is what a firewall would do.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { viewerFunction } from './cloudfront-function.ts'
import type { Deployment } from './deployment.ts'
import { cachePolicyOf, createEdgeCache, keptSeconds } from './edge-cache.ts'
import { type OriginAnswer, type OriginRequest, urlAnswer, urlEvent } from './function-url.ts'
import { bytesOf, closeServer, headersOf, listenLocally } from './http.ts'
import type { Lambda } from './lambda.ts'
import { securityHeaders } from './response-headers.ts'
import type { Resolved } from './template.ts'

export interface CloudFront {
  readonly port: number
  /** The name that visitors know it by. */
  readonly host: string
  close(): Promise<void>
}

interface Behaviour {
  readonly PathPattern?: string
  readonly AllowedMethods: readonly string[]
  readonly CachePolicyId: string
  readonly OriginRequestPolicyId?: string
  readonly ResponseHeadersPolicyId: string
  readonly TargetOriginId: string
  readonly FunctionAssociations?: readonly { readonly FunctionARN: string }[]
}

/** AllViewerExceptHostHeader: all that the viewer sent, cookies and query too. */
const ALL_VIEWER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac'
/** What the upload guesses from the ending of a name. */
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
}
/** Function URLs take no request whose body was not signed too. */
const WITH_BODY = ['POST', 'PUT', 'PATCH']

export async function startCloudFront(
  deployment: Deployment,
  assetFolder: string,
  lambda: Pick<Lambda, 'invoke'>,
): Promise<CloudFront> {
  const { template } = deployment
  const distribution = template.at('WaitingRoom/Front/Distribution')
  const config = distribution.properties.DistributionConfig
  const cache = createEdgeCache()
  const behaviours: readonly Behaviour[] = [...config.CacheBehaviors, config.DefaultCacheBehavior]
  const viewerFunctions = new Map(
    template
      .ofType('AWS::CloudFront::Function')
      .map(one => [
        one.attribute('FunctionARN'),
        viewerFunction(one.properties.FunctionCode, distribution.attribute('DomainName')),
      ]),
  )
  const errorSeconds = (status: number): number =>
    config.CustomErrorResponses.find((one: { ErrorCode: number }) => one.ErrorCode === status)
      ?.ErrorCachingMinTTL ?? 10
  const askOrigin = originsOf(deployment, config.Origins, assetFolder, lambda)

  const answerOf = async (asked: IncomingMessage): Promise<OriginAnswer> => {
    const [path = '', query = ''] = (asked.url ?? '').split(/\?(.*)/s)
    const viewer = {
      method: asked.method ?? '',
      path,
      query,
      headers: headersOf(asked),
      body: await bytesOf(asked),
    }
    const behaviour = behaviours.find(one => fits(one.PathPattern, path))
    if (behaviour === undefined) throw new Error('a distribution has a default behaviour')
    if (!behaviour.AllowedMethods.includes(viewer.method)) return plain(403, 'method not allowed')

    const [association] = behaviour.FunctionAssociations ?? []
    const changed = viewerFunctions.get(association?.FunctionARN ?? '')?.(viewer) ?? viewer
    if ('status' in changed) return changed
    const policy = cachePolicyOf(template, behaviour.CachePolicyId)
    const ask = () => askOrigin(behaviour.TargetOriginId, forwarded(changed, behaviour))
    const isKeepable = policy.maxSeconds > 0 && ['GET', 'HEAD'].includes(viewer.method)
    const { answer, isHit } = isKeepable
      ? await cache.get(`${viewer.method} ${changed.path}`, ask, one =>
          keptSeconds(one, policy, errorSeconds),
        )
      : { answer: await ask(), isHit: false }
    const forwardsCookies = behaviour.OriginRequestPolicyId === ALL_VIEWER
    return {
      ...answer,
      headers: {
        ...answer.headers,
        ...securityHeaders(template, behaviour.ResponseHeadersPolicyId),
        'x-cache': isHit ? 'Hit from cloudfront' : 'Miss from cloudfront',
      },
      cookies: forwardsCookies ? answer.cookies : [],
    }
  }
  const server = createServer(async (asked, reply) => {
    const { status, headers, cookies, body } = await answerOf(asked)
    reply.writeHead(status, {
      ...headers,
      ...(cookies.length === 0 ? {} : { 'set-cookie': [...cookies] }),
    })
    reply.end(body)
  })
  const port = await listenLocally(server)
  const host = distribution.attribute('DomainName')
  return { port, host, close: () => closeServer(server) }
}

/** `*` is any text, slashes too, and `?` one letter. */
function fits(pattern: string | undefined, path: string): boolean {
  if (pattern === undefined) return true
  const parts = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${parts.replaceAll('?', '.')}$`).test(path)
}

/** What of the viewer's request the origin sees. */
function forwarded(request: OriginRequest, { OriginRequestPolicyId }: Behaviour): OriginRequest {
  const own = { 'user-agent': 'Amazon CloudFront', via: '2.0 cloudfront', 'x-amz-cf-id': 'local' }
  if (OriginRequestPolicyId === undefined) {
    return { ...request, query: '', headers: own, body: Buffer.alloc(0) }
  }
  if (OriginRequestPolicyId !== ALL_VIEWER) throw new Error('an origin request policy of others')
  const { host: _, connection: __, ...headers } = request.headers
  return { ...request, headers: { ...headers, via: own.via, 'x-amz-cf-id': own['x-amz-cf-id'] } }
}

interface Origin {
  readonly Id: string
  readonly DomainName: string
  readonly OriginAccessControlId: string
}

function originsOf(
  deployment: Deployment,
  origins: readonly Origin[],
  assetFolder: string,
  lambda: Pick<Lambda, 'invoke'>,
) {
  const { template, functions } = deployment
  const urls = template.ofType('AWS::Lambda::Url')
  const controls = template.ofType('AWS::CloudFront::OriginAccessControl')
  return async (id: string, request: OriginRequest): Promise<OriginAnswer> => {
    const origin = origins.find(one => one.Id === id)
    if (origin === undefined) throw new Error(`no origin ${id}`)
    const control = controls.find(one => one.attribute('Id') === origin.OriginAccessControlId)
    const { SigningBehavior, OriginAccessControlOriginType: type } =
      control?.properties.OriginAccessControlConfig ?? {}
    if (SigningBehavior !== 'always') return plain(403, 'Forbidden')
    if (type === 's3') return fileOf(template.ofType('Custom::CDKBucketDeployment'), request)

    const url = urls.find(one => one.attribute('FunctionUrl') === `https://${origin.DomainName}/`)
    const plan = functions.find(one => one.arn === url?.properties.TargetFunctionArn)
    if (plan === undefined) throw new Error(`no function behind ${origin.DomainName}`)
    if (!isBodySigned(request)) return plain(403, 'InvalidSignatureException')
    const signed = {
      ...request,
      headers: {
        ...request.headers,
        host: origin.DomainName,
        // The signature takes the place of whatever the viewer sent.
        authorization: 'AWS4-HMAC-SHA256 Credential=cloudfront',
      },
    }
    return urlAnswer(await lambda.invoke(plan.name, urlEvent(signed, origin.DomainName)))
  }

  /** Where the upload of the template put the files of its assets. */
  function fileOf(uploads: readonly Resolved[], { path }: OriginRequest): OriginAnswer {
    const name = path.slice(1)
    const upload = uploads.find(({ properties: { Include } }) =>
      Include.some((pattern: string) => fits(pattern, name)),
    )
    const [key = ''] = upload?.properties.SourceObjectKeys ?? []
    const { 'cache-control': kept, 'content-type': type } = upload?.properties.SystemMetadata ?? {}
    try {
      const asset = join(assetFolder, `asset.${key.replace('.zip', '')}`)
      const body = readFileSync(join(asset, name))
      const ending = name.slice(name.lastIndexOf('.') + 1)
      const headers = { 'cache-control': kept, 'content-type': type ?? TYPES[ending] ?? '' }
      return { status: 200, headers, cookies: [], body }
    } catch {
      return plain(403, 'AccessDenied')
    }
  }
}

function isBodySigned({ method, headers, body }: OriginRequest): boolean {
  if (!WITH_BODY.includes(method)) return true
  return headers['x-amz-content-sha256'] === createHash('sha256').update(body).digest('hex')
}

function plain(status: number, text: string): OriginAnswer {
  const headers = { 'content-type': 'text/plain' }
  return { status, headers, cookies: [], body: Buffer.from(text) }
}
