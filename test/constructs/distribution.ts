/** A template's distribution, in the words of its tests. */
import type { Template } from 'aws-cdk-lib/assertions'
import { at, resources } from './synthesise.ts'

export interface Behaviour {
  PathPattern?: string
  CachePolicyId: unknown
  OriginRequestPolicyId?: unknown
  AllowedMethods: string[]
  TargetOriginId: string
  Compress: boolean
  ViewerProtocolPolicy: string
  ResponseHeadersPolicyId: unknown
  FunctionAssociations?: { EventType: string; FunctionARN: object }[]
  ForwardedValues?: unknown
  LambdaFunctionAssociations?: unknown
}

interface DistributionConfig {
  CacheBehaviors: Behaviour[]
  DefaultCacheBehavior: Behaviour
  Origins: {
    Id: string
    DomainName: object
    OriginAccessControlId: { 'Fn::GetAtt': [string, string] }
  }[]
  CustomErrorResponses: { ErrorCode: number; ErrorCachingMinTTL: number }[]
  [name: string]: unknown
}

export interface Front {
  readonly config: DistributionConfig
  /** By pattern, in CloudFront's order; what fits nothing is `default`. */
  readonly behaviours: ReadonlyMap<string, Behaviour>
  behaviour(pattern: string): Behaviour
  /** The origin whose name comes from the resource with this logical id. */
  originOf(logicalId: string): { id: string; accessControl: Record<string, unknown> }
}

export function frontOf(template: Template): Front {
  const config: DistributionConfig = at(template, 'WaitingRoom/Front/Distribution').Properties
    .DistributionConfig
  const behaviours = new Map([
    ...config.CacheBehaviors.map(one => [one.PathPattern ?? '', one] as const),
    ['default', config.DefaultCacheBehavior],
  ])
  return {
    config,
    behaviours,
    behaviour(pattern) {
      const found = behaviours.get(pattern)
      if (found === undefined) throw new Error(`no behaviour for ${pattern}`)
      return found
    },
    originOf(logicalId) {
      const found = config.Origins.filter(one =>
        JSON.stringify(one.DomainName).includes(`"${logicalId}"`),
      )
      const [origin] = found
      if (origin === undefined || found.length > 1) throw new Error(`${found.length} origins`)
      const [control] = origin.OriginAccessControlId['Fn::GetAtt']
      const controls = resources(template, 'AWS::CloudFront::OriginAccessControl')
      return {
        id: origin.Id,
        accessControl: controls[control]?.Properties.OriginAccessControlConfig,
      }
    },
  }
}
