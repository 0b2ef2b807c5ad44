/** A name of the owner's own for the room: its certificate and its DNS records. */
import { Stack, Token } from 'aws-cdk-lib'
import {
  Certificate,
  CertificateValidation,
  type ICertificate,
} from 'aws-cdk-lib/aws-certificatemanager'
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront'
import { AaaaRecord, ARecord, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53'
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets'
import type { Construct } from 'constructs'
import { refuse } from '../props/refuse.ts'

export interface FrontDomain {
  /** Such as `wait.shop.example`; visitors and gates are sent to it. */
  readonly name: string
  /**
   * More names of the same room.
   *
   * @default - none
   */
  readonly otherNames?: readonly string[]
  /**
   * A certificate for all of these names, in us-east-1, where CloudFront looks.
   *
   * @default - made here, and proved by `hostedZone`; for that the stack must be in us-east-1
   */
  readonly certificate?: ICertificate
  /**
   * Where the names live: their A and AAAA records are made there.
   *
   * @default - the records are yours to make: an alias, or a CNAME, to the distribution
   */
  readonly hostedZone?: IHostedZone
}

/** Host names of browsers: lower case, without a wildcard. */
const HOST =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

export function namesOf({ name, otherNames = [] }: FrontDomain): string[] {
  return [name, ...otherNames]
}

/** @throws Error for names, or a certificate, that cannot be. */
export function certificateOf(scope: Construct, id: string, domain: FrontDomain): ICertificate {
  const { name, otherNames = [], certificate, hostedZone } = domain
  const names = namesOf(domain)
  for (const one of names) checkName(one, hostedZone)
  if (new Set(names).size < names.length) refuse('domain.otherNames', names.join(', '), 'each once')
  if (certificate !== undefined) return certificate
  if (hostedZone === undefined) {
    refuse(
      'domain',
      `${name} without a certificate`,
      'a certificate, or a hostedZone to prove one by,',
    )
  }
  const { region } = Stack.of(scope)
  if (region !== 'us-east-1') {
    const came = region.startsWith('$') ? 'a stack without a region' : `a stack in ${region}`
    refuse('domain.certificate', `none, in ${came},`, 'one of us-east-1, or a stack in us-east-1,')
  }
  return new Certificate(scope, id, {
    domainName: name,
    subjectAlternativeNames: [...otherNames],
    validation: CertificateValidation.fromDns(hostedZone),
  }) as ICertificate
}

export function makeRecords(
  scope: Construct,
  domain: FrontDomain,
  distribution: IDistribution,
): void {
  const { hostedZone } = domain
  if (hostedZone === undefined) return
  const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution))
  for (const name of namesOf(domain)) {
    const record = { zone: hostedZone, recordName: name, target }
    new ARecord(scope, `Ipv4-${name}`, record)
    new AaaaRecord(scope, `Ipv6-${name}`, record)
  }
}

function checkName(name: string, hostedZone: IHostedZone | undefined): void {
  if (Token.isUnresolved(name)) return
  if (!HOST.test(name)) refuse('domain.name', name, 'a host name such as wait.shop.example')
  if (hostedZone === undefined || Token.isUnresolved(hostedZone.zoneName)) return
  const { zoneName } = hostedZone
  if (name === zoneName || name.endsWith(`.${zoneName}`)) return
  refuse('domain.hostedZone', zoneName, `a zone that ${name} is in`)
}
