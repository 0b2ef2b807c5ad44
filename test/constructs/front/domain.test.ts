import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53'
import { describe, expect, test, vi } from 'vitest'
import type { FrontDomain } from '../../../lib/constructs/front/domain.ts'
import { WaitingRoom } from '../../../lib/constructs/waiting-room.ts'
import { frontOf } from '../distribution.ts'
import { at, resources, testApp } from '../synthesise.ts'

const ARN = 'arn:aws:acm:us-east-1:111122223333:certificate/mine'

function withDomain(domain: (stack: Stack) => FrontDomain, region?: string) {
  const app = testApp({ 'aws:cdk:bundling-stacks': [] })
  const stack = new Stack(app, 'Antichambre', region === undefined ? {} : { env: { region } })
  const room = new WaitingRoom(stack, 'WaitingRoom', { domain: domain(stack) })
  vi.stubEnv('CDK_VALIDATION', 'false')
  try {
    return { template: Template.fromStack(stack), url: room.url }
  } finally {
    vi.unstubAllEnvs()
  }
}
const given = (stack: Stack) => Certificate.fromCertificateArn(stack, 'Given', ARN)
const zone = (stack: Stack): IHostedZone =>
  HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: 'Z1',
    zoneName: 'shop.example',
  })
const NAME = 'wait.shop.example'

describe('a domain', () => {
  test('with a certificate answers to all its names; their records are the owner’s', () => {
    const otherNames = ['queue.shop.example']
    const { template, url } = withDomain(stack => ({
      name: NAME,
      otherNames,
      certificate: given(stack),
    }))
    expect(url).toBe(`https://${NAME}`)
    const { config } = frontOf(template)
    expect(config.Aliases).toEqual([NAME, ...otherNames])
    expect(config.ViewerCertificate).toMatchObject({ AcmCertificateArn: ARN })
    expect(resources(template, 'AWS::Route53::RecordSet')).toEqual({})
  })

  test('with a hosted zone too has its records there, for IPv4 and IPv6', () => {
    const { template } = withDomain(stack => ({
      name: NAME,
      certificate: given(stack),
      hostedZone: zone(stack),
    }))
    const records = Object.values(resources(template, 'AWS::Route53::RecordSet'))
    expect(records.map(({ Properties }) => [Properties.Name, Properties.Type])).toEqual([
      [`${NAME}.`, 'A'],
      [`${NAME}.`, 'AAAA'],
    ])
    expect(resources(template, 'AWS::CertificateManager::Certificate')).toEqual({})
  })

  test('with a hosted zone alone gets a certificate that the zone proves, in us-east-1', () => {
    const { template } = withDomain(stack => ({ name: NAME, hostedZone: zone(stack) }), 'us-east-1')
    const { id, Properties } = at(template, 'WaitingRoom/Front/Certificate')
    expect(Properties).toMatchObject({ DomainName: NAME, ValidationMethod: 'DNS' })
    expect(frontOf(template).config.ViewerCertificate).toMatchObject({
      AcmCertificateArn: { Ref: id },
    })
  })
})

describe('is refused:', () => {
  test.each([
    ['a certificate that would be in another region', 'eu-west-3', 'a stack in eu-west-3'],
    ['a certificate that would be nobody knows where', undefined, 'a stack without a region'],
  ])('%s', (_what, region, says) => {
    const domain = (stack: Stack) => ({ name: NAME, hostedZone: zone(stack) })
    expect(() => withDomain(domain, region)).toThrow(`domain.certificate: none, in ${says}`)
  })

  test('a name without a certificate and without a zone to prove one by', () => {
    expect(() => withDomain(() => ({ name: NAME }))).toThrow(
      `domain: ${NAME} without a certificate came`,
    )
  })

  test.each([
    'https://wait.shop.example',
    'Wait.shop.example',
    '*.shop.example',
    'wait',
    '',
    'a..b',
  ])('the name %j', name => {
    expect(() => withDomain(stack => ({ name, certificate: given(stack) }))).toThrow(
      `domain.name: ${name} came, a host name such as wait.shop.example is allowed`,
    )
  })

  test('a name twice', () => {
    const domain = (stack: Stack) => ({
      name: NAME,
      otherNames: [NAME],
      certificate: given(stack),
    })
    expect(() => withDomain(domain)).toThrow('domain.otherNames')
  })

  test.each(['wait.other.example', 'wait.notshop.example'])('%s in another zone', name => {
    const domain = (stack: Stack) => ({
      name,
      certificate: given(stack),
      hostedZone: zone(stack),
    })
    expect(() => withDomain(domain)).toThrow(
      `domain.hostedZone: shop.example came, a zone that ${name} is in is allowed`,
    )
  })

  test('a certificate of another region, by CDK', () => {
    const arn = ARN.replace('us-east-1', 'eu-west-3')
    const domain = (stack: Stack) => ({
      name: NAME,
      certificate: Certificate.fromCertificateArn(stack, 'Given', arn),
    })
    expect(() => withDomain(domain)).toThrow('us-east-1')
  })
})
