/**
 * A firewall for the front, for owners who want one: it costs 8 USD a month and 0.60 for each million
 * requests. It looks at joins, turns and the page alone. Those who wait ask for statuses and records, and no
 * rule touches these.
 */
import { Stack } from 'aws-cdk-lib'
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2'
import { Construct } from 'constructs'
import { aNumber, checkProps, yesOrNo } from '../props/checks.ts'
import { refuse, requireWhole } from '../props/refuse.ts'

export interface FirewallRules {
  /**
   * Joins and turns from one network address in a minute; more are answered 429, and a page tries again.
   * Thousands of phones may share one address of their network: 10 at least, and better too high.
   *
   * @default 600
   */
  readonly joinsPerMinute?: number
  /**
   * A browser proves silently that it is one before it gets the page. Browsers without JavaScript cannot:
   * they reach `/r/ROOM/plain` and nothing else. AWS charges for each challenge.
   *
   * @default true
   */
  readonly challenge?: boolean
  /**
   * AWS's Bot Control on the page: 10 USD a month more, and 1 for each million pages.
   *
   * @default false
   */
  readonly botControl?: boolean
}

const JOINS_PER_MINUTE = { min: 10, max: 2_000_000, default: 600 }
/** A browser that proved itself is not asked again for four hours. AWS allows three days at most. */
const IMMUNITY_SECONDS = 4 * 3_600

type Statement = CfnWebACL.StatementProperty

/**
 * A firewall of its own, for a waiting room in another region: CloudFront takes only those of us-east-1.
 * In us-east-1 the prop `firewall` of the room is enough.
 *
 * @example
 * ```ts
 * import { App, Stack } from 'aws-cdk-lib'
 * import { Firewall, WaitingRoom } from '../lib/constructs/index.ts'
 *
 * const app = new App()
 * const walls = new Stack(app, 'Walls', {
 *   env: { region: 'us-east-1' },
 *   crossRegionReferences: true,
 * })
 * const { webAclArn } = new Firewall(walls, 'Firewall', { joinsPerMinute: 1_200 })
 *
 * const sale = new Stack(app, 'Sale', {
 *   env: { region: 'eu-west-3' },
 *   crossRegionReferences: true,
 * })
 * new WaitingRoom(sale, 'WaitingRoom', { firewall: { webAclArn } })
 * ```
 */
export class Firewall extends Construct {
  readonly webAclArn: string

  /** @throws Error outside of us-east-1, where alone CloudFront finds firewalls. */
  constructor(scope: Construct, id: string, rules: FirewallRules = {}) {
    super(scope, id)
    checkRules('firewall', rules)
    const { region } = Stack.of(this)
    if (region !== 'us-east-1') {
      const came = region.startsWith('$') ? 'a stack without a region' : `a stack in ${region}`
      refuse('firewall', came, 'a stack in us-east-1, or { webAclArn } of a Firewall made there,')
    }
    const {
      joinsPerMinute = JOINS_PER_MINUTE.default,
      challenge = true,
      botControl = false,
    } = rules
    requireWhole('firewall.joinsPerMinute', joinsPerMinute, JOINS_PER_MINUTE)
    const list = [
      knownBots('KnownBots', 'AWSManagedRulesAmazonIpReputationList', or(PAGE, JOINS)),
      tooMany(joinsPerMinute),
      ...(botControl ? [knownBots('BotControl', 'AWSManagedRulesBotControlRuleSet', PAGE)] : []),
      ...(challenge ? [challenged()] : []),
    ]
    const acl = new CfnWebACL(this, 'WebAcl', {
      description: 'Antichambre: joins, turns and the page',
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: seenAs('Antichambre'),
      customResponseBodies: { [BUSY]: { contentType: 'APPLICATION_JSON', content: BUSY_BODY } },
      challengeConfig: { immunityTimeProperty: { immunityTime: IMMUNITY_SECONDS } },
      rules: list.map((rule, priority) => ({ ...rule, priority })),
    })
    this.webAclArn = acl.attrArn
  }
}

export function checkRules(prop: string, rules: unknown): void {
  checkProps<FirewallRules>(prop, rules, {
    joinsPerMinute: aNumber,
    challenge: yesOrNo,
    botControl: yesOrNo,
  })
}

type Rule = Omit<CfnWebACL.RuleProperty, 'priority'>

const BUSY = 'Busy'
/** An error of the app's own form. The page comes again after any 429. */
const BUSY_BODY = JSON.stringify({
  error: { code: 'try-again', message: 'too many requests from this network; come again' },
})

function tooMany(limit: number): Rule {
  const rateBasedStatement = {
    limit,
    evaluationWindowSec: 60,
    aggregateKeyType: 'IP',
    scopeDownStatement: JOINS,
  }
  const responseHeaders = [{ name: 'retry-after', value: '30' }]
  const customResponse = { responseCode: 429, customResponseBodyKey: BUSY, responseHeaders }
  return {
    name: 'TooManyJoins',
    statement: { rateBasedStatement },
    action: { block: { customResponse } },
    visibilityConfig: seenAs('TooManyJoins'),
  }
}

function challenged(): Rule {
  return {
    name: 'Challenge',
    statement: PAGE,
    action: { challenge: {} },
    visibilityConfig: seenAs('Challenge'),
  }
}

function knownBots(id: string, name: string, scopeDownStatement: Statement): Rule {
  const managedRuleGroupStatement = { vendorName: 'AWS', name, scopeDownStatement }
  return {
    name: id,
    statement: { managedRuleGroupStatement },
    overrideAction: { none: {} },
    visibilityConfig: seenAs(id),
  }
}

/** Counted, but no samples: they would show visitors' addresses. */
function seenAs(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false }
}

const AS_IT_IS = [{ priority: 0, type: 'NONE' }]

function and(...statements: Statement[]): Statement {
  return { andStatement: { statements } }
}

function or(...statements: Statement[]): Statement {
  return { orStatement: { statements } }
}

function isMethod(searchString: string): Statement {
  const fieldToMatch = { method: {} }
  const positionalConstraint = 'EXACTLY'
  return {
    byteMatchStatement: {
      fieldToMatch,
      searchString,
      positionalConstraint,
      textTransformations: AS_IT_IS,
    },
  }
}

function isPath(regexString: string): Statement {
  const fieldToMatch = { uriPath: {} }
  return { regexMatchStatement: { fieldToMatch, regexString, textTransformations: AS_IT_IS } }
}

/** The page's own link for browsers without JavaScript: they cannot prove anything. */
const WITHOUT_SCRIPT: Statement = {
  regexMatchStatement: {
    fieldToMatch: { queryString: {} },
    regexString: '(^|&)plain(=|&|$)',
    textTransformations: AS_IT_IS,
  },
}
const PAGE = and(isMethod('GET'), isPath('^/r/[^/]+$'), {
  notStatement: { statement: WITHOUT_SCRIPT },
})
const JOINS = and(isMethod('POST'), isPath('^/r/[^/]+/(tickets|passes)$'))
