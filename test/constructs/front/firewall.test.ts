import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test, vi } from 'vitest'
import { Firewall, type FirewallRules } from '../../../lib/constructs/front/firewall.ts'
import { WaitingRoom } from '../../../lib/constructs/waiting-room.ts'
import type { WaitingRoomProps } from '../../../lib/constructs/waiting-room-props.ts'
import { frontOf } from '../distribution.ts'
import { at, resources, synthesise, testApp } from '../synthesise.ts'

interface Statement {
  AndStatement?: { Statements: Statement[] }
  OrStatement?: { Statements: Statement[] }
  NotStatement?: { Statement: Statement }
  ByteMatchStatement?: { SearchString: string }
  RegexMatchStatement?: { RegexString: string; FieldToMatch: { UriPath?: object } }
}

interface Request {
  method: string
  path: string
  query?: string
}

/** As much of WAF's matching as the rules use. */
function matches(statement: Statement, request: Request): boolean {
  const { AndStatement, OrStatement, NotStatement, ByteMatchStatement, RegexMatchStatement } =
    statement
  if (AndStatement) return AndStatement.Statements.every(one => matches(one, request))
  if (OrStatement) return OrStatement.Statements.some(one => matches(one, request))
  if (NotStatement) return !matches(NotStatement.Statement, request)
  if (ByteMatchStatement) return request.method === ByteMatchStatement.SearchString
  if (RegexMatchStatement) {
    const { FieldToMatch, RegexString } = RegexMatchStatement
    const text = FieldToMatch.UriPath ? request.path : (request.query ?? '')
    return new RegExp(RegexString).test(text)
  }
  throw new Error('a statement that this test does not know')
}

function rulesOf(rules: FirewallRules = {}) {
  const stack = new Stack(new App(), 'Walls', { env: { region: 'us-east-1' } })
  new Firewall(stack, 'Firewall', rules)
  const [acl] = Object.values(resources(Template.fromStack(stack), 'AWS::WAFv2::WebACL'))
  if (acl === undefined) throw new Error('no firewall')
  expect(acl.Properties).toMatchObject({ Scope: 'CLOUDFRONT', DefaultAction: { Allow: {} } })
  const found = acl.Properties.Rules as {
    Name: string
    Statement: Statement & {
      RateBasedStatement?: { Limit: number; ScopeDownStatement: Statement }
      ManagedRuleGroupStatement?: { Name: string; ScopeDownStatement: Statement }
    }
    Action?: object
    VisibilityConfig: { SampledRequestsEnabled: boolean }
  }[]
  return found.map(rule => {
    const { RateBasedStatement, ManagedRuleGroupStatement } = rule.Statement
    const scope = RateBasedStatement ?? ManagedRuleGroupStatement
    const sees = (request: Request) => matches(scope?.ScopeDownStatement ?? rule.Statement, request)
    return { ...rule, limit: RateBasedStatement?.Limit, sees }
  })
}
const get = (path: string, query = '') => ({ method: 'GET', path, query })
const post = (path: string) => ({ method: 'POST', path })

describe('no rule sees', () => {
  test.each([
    ['a status', get('/r/cars/status')],
    ["a cohort's record", get('/r/cars/cohorts/3')],
    ['a place', get('/r/cars/place')],
    ['the plain way', get('/r/cars/plain', 'to=x')],
    ['the open way', get('/r/cars/through', 'nonce=x')],
    ['the page of a browser without JavaScript', get('/r/cars', 'plain=1')],
    ['a file of the page', get('/assets/page-1a2b3c.js')],
    ["a showroom's departures", post('/r/cars/departures')],
    ["a showroom's stock", post('/r/cars/stock')],
    ['an operator', post('/operator/api/rooms/cars/open')],
    ['keys', get('/r/cars/jwks.json')],
  ])('%s', (_what, request) => {
    const seen = rulesOf({ botControl: true }).filter(rule => rule.sees(request))
    expect(seen.map(rule => rule.Name)).toEqual([])
  })
})

describe('a rule sees', () => {
  const seenBy = (request: Request) =>
    rulesOf({ botControl: true })
      .filter(rule => rule.sees(request))
      .map(rule => rule.Name)

  test.each(['/r/cars', '/r/cars~members'])('the page %s: known bots, and a challenge', path => {
    expect(seenBy(get(path, 'to=x'))).toEqual(['KnownBots', 'BotControl', 'Challenge'])
  })

  test.each(['/r/cars/tickets', '/r/cars~members/tickets', '/r/cars/passes'])(
    '%s: known bots, and too many from one address',
    path => {
      expect(seenBy(post(path))).toEqual(['KnownBots', 'TooManyJoins'])
    },
  )
})

test('too many joins are answered 429 as the page understands it, and keep their place', () => {
  const rule = rulesOf({ joinsPerMinute: 10 }).find(({ Name }) => Name === 'TooManyJoins')
  expect(rule?.limit).toBe(10)
  expect(rule?.Action).toMatchObject({
    Block: {
      CustomResponse: {
        ResponseCode: 429,
        ResponseHeaders: [{ Name: 'retry-after', Value: '30' }],
      },
    },
  })
})

test('what costs more is left out unless it is asked for, and no rule keeps addresses', () => {
  const names = (rules: FirewallRules) => rulesOf(rules).map(rule => rule.Name)
  expect(names({})).toEqual(['KnownBots', 'TooManyJoins', 'Challenge'])
  expect(names({ challenge: false })).toEqual(['KnownBots', 'TooManyJoins'])
  for (const rule of rulesOf()) expect(rule.VisibilityConfig.SampledRequestsEnabled).toBe(false)
})

describe('the firewall of a waiting room', () => {
  const inRegion = (region: string | undefined, props: WaitingRoomProps) => {
    const app = testApp({ 'aws:cdk:bundling-stacks': [] })
    const stack = new Stack(app, 'Antichambre', region === undefined ? {} : { env: { region } })
    new WaitingRoom(stack, 'WaitingRoom', props)
    vi.stubEnv('CDK_VALIDATION', 'false')
    try {
      return Template.fromStack(stack)
    } finally {
      vi.unstubAllEnvs()
    }
  }

  test('is not there unless it is asked for', () => {
    const template = synthesise()
    expect(resources(template, 'AWS::WAFv2::WebACL')).toEqual({})
    expect(frontOf(template).config.WebACLId).toBeUndefined()
  })

  test('stands in front of the distribution', () => {
    const template = inRegion('us-east-1', { firewall: {} })
    const { id } = at(template, 'WaitingRoom/Firewall/WebAcl')
    expect(frontOf(template).config.WebACLId).toEqual({ 'Fn::GetAtt': [id, 'Arn'] })
  })

  test('may be one that was made elsewhere', () => {
    const webAclArn = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/mine/1'
    const template = inRegion('eu-west-3', { firewall: { webAclArn } })
    expect(frontOf(template).config.WebACLId).toBe(webAclArn)
    expect(resources(template, 'AWS::WAFv2::WebACL')).toEqual({})
  })

  test.each([
    ['eu-west-3', 'a stack in eu-west-3 came'],
    [undefined, 'a stack without a region came'],
  ])('is refused in %s', (region, says) => {
    expect(() => inRegion(region, { firewall: {} })).toThrow(`firewall: ${says}`)
  })

  test.each([9, 10.5, 2_000_001])('is refused with %s joins a minute', joinsPerMinute => {
    expect(() => rulesOf({ joinsPerMinute })).toThrow(
      `firewall.joinsPerMinute: ${joinsPerMinute} came, a whole number from 10 to 2000000 is allowed`,
    )
  })
})
