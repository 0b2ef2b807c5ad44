import type { Template } from 'aws-cdk-lib/assertions'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { PriceClass } from 'aws-cdk-lib/aws-cloudfront'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Front, frontOf } from '../distribution.ts'
import { at, synthesise } from '../synthesise.ts'

/** Ids that AWS gives its own policies. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac'

const SHARED = ['/r/*/status', '/r/*/cohorts/*', '/r/*/jwks.json']
const OWN = ['/r/*/*', '/operator/*', 'default']

let template: Template
let front: Front
beforeAll(() => {
  template = synthesise()
  front = frontOf(template)
})

const behaviour = (path: string) => front.behaviour(path)
const ref = (place: string) => ({ Ref: at(template, `WaitingRoom/Front/${place}`).id })

/** CloudFront's own rule: the first pattern that fits, `*` being anything, slashes too. */
function patternOf(path: string): string {
  const fits = [...front.behaviours.keys()].find(pattern => {
    const parts = pattern.split('*').map(part => part.replaceAll('.', '\\.'))
    return new RegExp(`^${parts.join('.*')}$`).test(path)
  })
  return fits ?? 'default'
}

describe('which behaviour answers', () => {
  test.each([
    ['/r/cars/status', '/r/*/status'],
    ['/r/cars/cohorts/0', '/r/*/cohorts/*'],
    ['/r/cars/jwks.json', '/r/*/jwks.json'],
    ['/r/cars/tickets', '/r/*/*'],
    ['/r/cars/ticket', '/r/*/*'],
    ['/r/cars/passes', '/r/*/*'],
    ['/r/cars/place', '/r/*/*'],
    ['/r/cars/plain', '/r/*/*'],
    ['/r/cars/through', '/r/*/*'],
    ['/r/cars/departures', '/r/*/*'],
    ['/r/cars/stock', '/r/*/*'],
    ['/r/cars', '/r/*'],
    ['/r/cars~members', '/r/*'],
    ['/r/cars~members/status', '/r/*/status'],
    ['/r/cars~members/cohorts/1000000000', '/r/*/cohorts/*'],
    ['/r/cars~members/tickets', '/r/*/*'],
    ['/assets/page-1a2b3c.js', '/assets/*'],
    ['/operator/api/rooms', '/operator/*'],
    ['/healthz', 'default'],
    ['/openapi.json', 'default'],
    ['/page.html', 'default'],
  ])('%s: %s', (path, pattern) => {
    expect(patternOf(path)).toBe(pattern)
  })

  test('the patterns stand in this order', () => {
    expect([...front.behaviours.keys()]).toEqual([
      ...SHARED,
      '/r/*/*',
      '/r/*',
      '/assets/*',
      '/operator/*',
      'default',
    ])
  })

  test('every behaviour is for https alone', () => {
    for (const one of front.behaviours.values()) {
      expect(one.ViewerProtocolPolicy).toBe('redirect-to-https')
    }
  })
})

describe('answers that everybody shares', () => {
  test.each(SHARED)('failure mode 37: %s is cached a second at least, by its path alone', path => {
    expect(behaviour(path).CachePolicyId).toEqual(ref('SharedAnswers'))
    const policy = at(template, 'WaitingRoom/Front/SharedAnswers').Properties.CachePolicyConfig
    expect(policy).toMatchObject({ MinTTL: 1, DefaultTTL: 1, MaxTTL: 365 * 86_400 })
    expect(policy.ParametersInCacheKeyAndForwardedToOrigin).toEqual({
      QueryStringsConfig: { QueryStringBehavior: 'none' },
      CookiesConfig: { CookieBehavior: 'none' },
      HeadersConfig: { HeaderBehavior: 'none' },
      EnableAcceptEncodingGzip: false,
      EnableAcceptEncodingBrotli: false,
    })
  })

  test.each(SHARED)(
    'failure mode 38: %s forwards no cookie and nothing else of a visitor',
    path => {
      const { OriginRequestPolicyId, ForwardedValues, FunctionAssociations, AllowedMethods } =
        behaviour(path)
      expect(OriginRequestPolicyId).toBeUndefined()
      expect(ForwardedValues).toBeUndefined()
      expect(FunctionAssociations).toBeUndefined()
      expect(AllowedMethods).toEqual(['GET', 'HEAD'])
    },
  )

  test("failure mode 38: an error is nobody else's, for nothing keeps one by itself", () => {
    const kept = front.config.CustomErrorResponses
    expect(kept.map(one => one.ErrorCode)).toEqual([
      400, 403, 404, 405, 414, 500, 501, 502, 503, 504,
    ])
    expect(kept.filter(one => one.ErrorCachingMinTTL !== 0)).toEqual([])
    expect(Object.keys(kept[0] ?? {}).sort()).toEqual(['ErrorCachingMinTTL', 'ErrorCode'])
  })
})

describe("answers that are a visitor's or an operator's own", () => {
  test.each(OWN)('failure mode 38: %s is never cached and sees all but the Host', path => {
    expect(behaviour(path)).toMatchObject({
      CachePolicyId: CACHING_DISABLED,
      OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
    })
    expect(behaviour(path).AllowedMethods).toHaveLength(7)
  })

  test.each(OWN)("%s carries the viewer's authorization past CloudFront's own", path => {
    const { id } = at(template, 'WaitingRoom/Front/ForwardViewer')
    expect(behaviour(path).FunctionAssociations).toEqual([
      { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': [id, 'FunctionARN'] } },
    ])
  })

  test.each([
    ['Visitor', [...SHARED, '/r/*/*', 'default']],
    ['Operator', ['/operator/*']],
  ])('%s answers %j by a Function URL that only this distribution can call', (name, paths) => {
    const url = at(template, `WaitingRoom/Functions/${name}/FunctionUrl`).id
    const origin = front.originOf(url)
    for (const path of paths) expect(behaviour(path).TargetOriginId).toBe(origin.id)
    expect(origin.accessControl).toMatchObject({
      OriginAccessControlOriginType: 'lambda',
      SigningBehavior: 'always',
      SigningProtocol: 'sigv4',
    })
  })
})

test.each([
  ['GET', '/r/cars/through'],
  ['POST', '/r/cars/stock'],
  ['POST', '/r/cars/departures'],
])(
  '%s %s reaches the visitor function uncached, with every query string and header',
  (method, path) => {
    const found = behaviour(patternOf(path))
    const url = at(template, 'WaitingRoom/Functions/Visitor/FunctionUrl').id
    expect(found.TargetOriginId).toBe(front.originOf(url).id)
    expect(found.CachePolicyId).toBe(CACHING_DISABLED)
    expect(found.OriginRequestPolicyId).toBe(ALL_VIEWER_EXCEPT_HOST_HEADER)
    expect(found.AllowedMethods).toContain(method)
  },
)

describe('distribution', () => {
  test('speaks HTTP/2 and 3, over IPv6 too, and keeps no access log', () => {
    expect(front.config).toMatchObject({
      Enabled: true,
      HttpVersion: 'http2and3',
      IPV6Enabled: true,
      PriceClass: 'PriceClass_All',
    })
    expect(front.config.Logging).toBeUndefined()
    expect(front.config.Aliases).toBeUndefined()
  })

  test('takes a name of its owner, and then TLS 1.2 at least', () => {
    const named = synthesise(stack => ({
      domain: {
        name: 'queue.shop.example',
        certificate: Certificate.fromCertificateArn(
          stack,
          'Certificate',
          'arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000',
        ),
      },
      priceClass: PriceClass.PRICE_CLASS_100,
    }))
    const { config } = frontOf(named)
    expect(config).toMatchObject({
      Aliases: ['queue.shop.example'],
      PriceClass: 'PriceClass_100',
      ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021', SslSupportMethod: 'sni-only' },
    })
  })
})
