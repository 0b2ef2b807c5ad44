/** What CloudFront may keep, and what it tells browsers. */
import { Aws, Duration, Names } from 'aws-cdk-lib'
import {
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import type { Construct } from 'constructs'

const YEAR = Duration.days(365)
/** Of the 128 that CloudFront takes for a name; the region follows. */
const NAME_CHARS_MAX = 100

/**
 * Answers that are the same for everybody: statuses, records, keys. The key is the path alone, so
 * no query, cookie or header makes a copy of its own. Everything stays for a second at least: only then
 * do requests that miss together wait for one answer. Nothing is compressed: compressed copies would have
 * other keys, and CloudFront does not compress answers as short as these.
 */
export function sharedAnswers(scope: Construct, id: string): CachePolicy {
  return new CachePolicy(scope, id, {
    // CDK's own name would lack the stack's: two stacks in a region could not both be deployed.
    cachePolicyName: `${Names.uniqueResourceName(scope, { maxLength: NAME_CHARS_MAX })}-${Aws.REGION}`,
    comment: 'Antichambre: the same answer for everybody, by its path alone',
    minTtl: Duration.seconds(1),
    defaultTtl: Duration.seconds(1),
    maxTtl: YEAR,
    queryStringBehavior: CacheQueryStringBehavior.none(),
    cookieBehavior: CacheCookieBehavior.none(),
    headerBehavior: CacheHeaderBehavior.none(),
    enableAcceptEncodingGzip: false,
    enableAcceptEncodingBrotli: false,
  })
}

const TRANSPORT = {
  strictTransportSecurity: {
    accessControlMaxAge: YEAR,
    includeSubdomains: false,
    override: true,
  },
  contentTypeOptions: { override: true },
}

/**
 * The page runs its own files alone and shows in nobody's frame. Its address carries the return
 * address and the nonce: other sites see nothing of it, and its own `?plain` needs it.
 */
export function pageHeaders(scope: Construct, id: string): ResponseHeadersPolicy {
  const policy = [
    "default-src 'self'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ]
  return new ResponseHeadersPolicy(scope, id, {
    comment: 'Antichambre: the waiting page',
    securityHeadersBehavior: {
      ...TRANSPORT,
      contentSecurityPolicy: { contentSecurityPolicy: policy.join('; '), override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.SAME_ORIGIN, override: true },
    },
  })
}

/** The functions set their own headers. The front adds what says that there is nothing but https. */
export function answerHeaders(scope: Construct, id: string): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, id, {
    comment: 'Antichambre: answers of functions',
    securityHeadersBehavior: TRANSPORT,
  })
}
