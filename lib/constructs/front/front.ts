/** The CloudFront distribution in front of everything. */
import { readFileSync } from 'node:fs'
import { Duration, Validations } from 'aws-cdk-lib'
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  type IOrigin,
  OriginRequestPolicy,
  type PriceClass,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { FunctionUrlOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { FunctionUrlAuthType, type IFunction } from 'aws-cdk-lib/aws-lambda'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { answerHeaders, pageHeaders, sharedAnswers } from './caching.ts'
import { certificateOf, type FrontDomain, makeRecords, namesOf } from './domain.ts'

export interface FrontProps {
  readonly visitor: IFunction
  readonly operator: IFunction
  readonly pages: IBucket
  readonly domain: FrontDomain | undefined
  readonly priceClass: PriceClass
  /** The firewall in front; undefined: none. */
  readonly webAclArn?: string | undefined
}

/** Statuses whose answers CloudFront would cache for ten seconds by itself. */
const CACHED_ERRORS = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504]

export class Front extends Construct {
  readonly distribution: Distribution

  constructor(scope: Construct, id: string, props: FrontProps) {
    super(scope, id)
    const { domain, webAclArn } = props
    const answers = this.behaviours(props)
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'Antichambre',
      defaultBehavior: answers.visitor,
      // CloudFront takes the first pattern that fits, and `*` spans slashes: the order decides.
      additionalBehaviors: {
        '/r/*/status': answers.shared,
        '/r/*/cohorts/*': answers.shared,
        '/r/*/jwks.json': answers.shared,
        '/r/*/*': answers.visitor,
        '/r/*': answers.page,
        '/assets/*': answers.assets,
        '/operator/*': answers.operator,
      },
      // CloudFront caches errors by path alone, even where caching is off: one visitor's "no ticket"
      // would be everybody's. The app says in its headers what may be cached.
      errorResponses: CACHED_ERRORS.map(httpStatus => ({ httpStatus, ttl: Duration.seconds(0) })),
      httpVersion: HttpVersion.HTTP2_AND_3,
      enableIpv6: true,
      priceClass: props.priceClass,
      ...(domain === undefined
        ? {}
        : {
            domainNames: namesOf(domain),
            certificate: certificateOf(this, 'Certificate', domain),
            minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
          }),
      ...(webAclArn === undefined ? {} : { webAclId: webAclArn }),
    })
    if (domain !== undefined) makeRecords(this, domain, this.distribution)
    Validations.of(this.distribution).acknowledge(...ACKNOWLEDGED)
    if (domain === undefined) Validations.of(this.distribution).acknowledge(OWN_NAME_ALONE)
    if (webAclArn === undefined) Validations.of(this.distribution).acknowledge(NO_FIREWALL)
  }

  private behaviours(props: FrontProps) {
    const visitor = signedOrigin(props.visitor)
    const operator = signedOrigin(props.operator)
    const pages = S3BucketOrigin.withOriginAccessControl(props.pages)
    const forwardViewer = this.edgeFunction('ForwardViewer', 'forward-viewer', 'what functions see')
    const ofFunctions = {
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      responseHeadersPolicy: answerHeaders(this, 'AnswerHeaders'),
      compress: false,
    }
    const own = (origin: IOrigin): BehaviorOptions => ({
      ...ofFunctions,
      origin,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      // A Function URL answers to its own name alone, so the viewer's Host is not sent along.
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      functionAssociations: [forwardViewer],
    })
    const ofBucket = {
      origin: pages,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: pageHeaders(this, 'PageHeaders'),
      compress: true,
    }
    return {
      shared: {
        ...ofFunctions,
        origin: visitor,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        cachePolicy: sharedAnswers(this, 'SharedAnswers'),
      },
      visitor: own(visitor),
      operator: own(operator),
      page: {
        ...ofBucket,
        functionAssociations: [this.edgeFunction('PageRequest', 'page', 'one page for all rooms')],
      },
      assets: ofBucket,
    }
  }

  private edgeFunction(id: string, file: string, purpose: string) {
    const source = readFileSync(new URL(`../edge/${file}.js`, import.meta.url), 'utf8')
    const edge = new EdgeFunction(this, id, {
      comment: `Antichambre: ${purpose}`,
      code: FunctionCode.fromInline(source),
      runtime: FunctionRuntime.JS_2_0,
    })
    return { eventType: FunctionEventType.VIEWER_REQUEST, function: edge }
  }
}

const ACKNOWLEDGED = [
  {
    id: 'AwsSolutions-CFR1',
    reason: 'Which countries a sale is for is for its owner to say, not for the waiting room.',
  },
  {
    id: 'AwsSolutions-CFR3',
    reason:
      "Access logs keep every visitor's network address, and nothing here needs them: CloudFront's metrics count requests and errors without.",
  },
]
const NO_FIREWALL = {
  id: 'AwsSolutions-CFR2',
  reason:
    'A firewall costs 8 USD a month while nobody waits, against a budget of 1. An owner who wants one says so with one prop.',
}
const OWN_NAME_ALONE = {
  id: 'AwsSolutions-CFR4',
  reason:
    "On CloudFront's own name, with its own certificate, AWS sets the lowest TLS version; with a domain of the owner it is TLS 1.2.",
}

/** A Function URL that answers to this distribution and to nobody else. */
function signedOrigin(target: IFunction): IOrigin {
  const url = target.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM })
  return FunctionUrlOrigin.withOriginAccessControl(url, {
    // Connections stay open between requests: a new one costs three round trips.
    keepaliveTimeout: Duration.seconds(60),
  })
}
