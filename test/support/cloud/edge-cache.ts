/**
 * What CloudFront keeps of an answer, for how long and under which key, by a cache policy of the template
 * or one of AWS's own.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 */
import type { OriginAnswer } from './function-url.ts'
import type { ResolvedTemplate } from './template.ts'

export interface CachePolicy {
  readonly minSeconds: number
  readonly defaultSeconds: number
  readonly maxSeconds: number
}

const MANAGED: Readonly<Record<string, CachePolicy>> = {
  // CachingDisabled
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': { minSeconds: 0, defaultSeconds: 0, maxSeconds: 0 },
  // CachingOptimized; its key holds what of compression a browser takes, and nothing is compressed here
  '658327ea-f89d-4fab-a63d-7e88639e58f6': {
    minSeconds: 1,
    defaultSeconds: 86_400,
    maxSeconds: 31_536_000,
  },
}

export function cachePolicyOf(template: ResolvedTemplate, id: string): CachePolicy {
  const managed = MANAGED[id]
  if (managed !== undefined) return managed
  const own = template.ofType('AWS::CloudFront::CachePolicy').find(one => one.ref === id)
  const config = own?.properties.CachePolicyConfig
  const key = config?.ParametersInCacheKeyAndForwardedToOrigin
  const parts = [
    key?.CookiesConfig.CookieBehavior,
    key?.HeadersConfig.HeaderBehavior,
    key?.QueryStringsConfig.QueryStringBehavior,
  ]
  // The path alone is the key: what else could be one is not known here.
  if (!parts.every(part => part === 'none')) throw new Error(`the cache policy ${id} has more keys`)
  return {
    minSeconds: config.MinTTL,
    defaultSeconds: config.DefaultTTL,
    maxSeconds: config.MaxTTL,
  }
}

/** How long CloudFront keeps it; of errors the distribution says the least. */
export function keptSeconds(
  { status, headers }: OriginAnswer,
  policy: CachePolicy,
  errorSeconds: (status: number) => number,
): number {
  const { minSeconds, defaultSeconds, maxSeconds } = policy
  if (maxSeconds === 0) return 0
  const said = headers['cache-control'] ?? ''
  const age = /(?:s-maxage|max-age)=(\d+)/.exec(said)?.[1]
  const isForNobody = /no-store|no-cache|private/.test(said)
  if (status >= 400) {
    return isForNobody || age === undefined ? errorSeconds(status) : Number(age)
  }
  if (isForNobody) return minSeconds
  const wanted = age === undefined ? defaultSeconds : Number(age)
  return Math.min(maxSeconds, Math.max(minSeconds, wanted))
}

export interface EdgeCache {
  /** From the cache, or from an answer that is on its way, or asked for. */
  get(
    key: string,
    ask: () => Promise<OriginAnswer>,
    secondsOf: (answer: OriginAnswer) => number,
  ): Promise<{ readonly answer: OriginAnswer; readonly isHit: boolean }>
}

export function createEdgeCache(): EdgeCache {
  const kept = new Map<string, { answer: OriginAnswer; endsAtMs: number }>()
  const pending = new Map<string, Promise<OriginAnswer>>()
  return {
    async get(key, ask, secondsOf) {
      const known = kept.get(key)
      if (known !== undefined && Date.now() < known.endsAtMs) {
        return { answer: known.answer, isHit: true }
      }
      const coming = pending.get(key)
      if (coming !== undefined) return { answer: await coming, isHit: true }
      const asked = ask().finally(() => pending.delete(key))
      pending.set(key, asked)
      const answer = await asked
      const seconds = secondsOf(answer)
      if (seconds > 0) kept.set(key, { answer, endsAtMs: Date.now() + seconds * 1000 })
      return { answer, isHit: false }
    },
  }
}
