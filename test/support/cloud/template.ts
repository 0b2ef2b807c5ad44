/** A template's values with every reference resolved, as CloudFormation would: to names of this machine. */
import type { Template, TemplateResource } from '../../../bench/functions/bundles.ts'

export const REGION = 'eu-west-3'
export const ACCOUNT = '111122223333'

export interface Resolved {
  readonly id: string
  readonly type: string
  /** Where it stands in the stack: `WaitingRoom/Table`. */
  readonly place: string
  // biome-ignore lint/suspicious/noExplicitAny: a template is whatever JSON it is
  readonly properties: any
  readonly assetPath: string | undefined
  readonly ref: string
  attribute(name: string): string
}

export interface ResolvedTemplate {
  readonly all: readonly Resolved[]
  ofType(type: string): readonly Resolved[]
  /** The one resource at a place. */
  at(place: string): Resolved
}

/** @param queueUrl the address of a queue, by its name. */
export function resolveTemplate(
  template: Template,
  queueUrl: (name: string) => string,
): ResolvedTemplate {
  const named = new Map(
    Object.entries(template.Resources).map(([id, resource]) => {
      return [id, namesOf(id, resource, queueUrl)] as const
    }),
  )
  const namesAt = (id: string) => {
    const names = named.get(id)
    if (names === undefined) throw new Error(`the template has no ${id}`)
    return names
  }
  const lookUp = (name: string): string => PSEUDO[name] ?? namesAt(name).ref
  const attribute = (id: string, name: string): string => {
    const value = namesAt(id).attributes[name]
    if (value === undefined) throw new Error(`${id} has no ${name}`)
    return value
  }

  // biome-ignore lint/suspicious/noExplicitAny: a template is whatever JSON it is
  const resolve = (value: any): any => {
    if (Array.isArray(value)) return value.map(resolve)
    if (typeof value !== 'object' || value === null) return value
    const [[word, argument] = ['', undefined], ...others] = Object.entries<unknown>(value)
    if (others.length === 0) {
      const intrinsic = INTRINSICS[word]
      if (intrinsic !== undefined) return intrinsic(argument)
      if (word.startsWith('Fn::')) throw new Error(`${word} is not known here`)
    }
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolve(one)]))
  }
  // biome-ignore lint/suspicious/noExplicitAny: each has arguments of its own
  const INTRINSICS: Record<string, (argument: any) => unknown> = {
    Ref: lookUp,
    'Fn::GetAtt': ([id, name]) => attribute(id, name),
    'Fn::Join': ([separator, parts]) => resolve(parts).join(separator),
    'Fn::Split': ([separator, text]) => resolve(text).split(separator),
    'Fn::Select': ([index, list]) => resolve(list)[index],
    'Fn::Sub': text =>
      String(text).replace(/\$\{([\w:]+)(?:\.(\w+))?\}/g, (_, id, name) =>
        name === undefined ? lookUp(id) : attribute(id, name),
      ),
  }

  const all = Object.entries(template.Resources).map(([id, { Type, Properties, Metadata }]) => ({
    id,
    type: Type,
    place: (Metadata?.['aws:cdk:path'] ?? '')
      .replace(/^[^/]+\//, '')
      .replace(/\/(?:Resource|Default)$/, ''),
    // When it is read: of what CloudFormation knows only this much is known here.
    get properties() {
      return resolve(Properties ?? {})
    },
    assetPath: Metadata?.['aws:asset:path'],
    ref: namesAt(id).ref,
    attribute: (name: string) => attribute(id, name),
  }))
  return {
    all,
    ofType: type => all.filter(one => one.type === type),
    at(place) {
      const [found, ...others] = all.filter(one => one.place === place)
      if (found === undefined || others.length > 0) throw new Error(`not one resource at ${place}`)
      return found
    },
  }
}

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'Antichambre',
  'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Antichambre/local`,
}

interface Names {
  readonly ref: string
  readonly attributes: Readonly<Record<string, string>>
}

/** What CloudFormation would call it. */
function namesOf(
  id: string,
  { Type }: TemplateResource,
  queueUrl: (name: string) => string,
): Names {
  const arn = (service: string, name: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`
  const named = (ref: string, Arn: string, more: Readonly<Record<string, string>> = {}): Names => ({
    ref,
    attributes: { Arn, ...more },
  })
  switch (Type) {
    case 'AWS::DynamoDB::GlobalTable':
      return named(id, arn('dynamodb', `table/${id}`))
    case 'AWS::SQS::Queue':
      return named(queueUrl(id), arn('sqs', id), { QueueName: id })
    case 'AWS::SecretsManager::Secret': {
      const secret = arn('secretsmanager', `secret:${id}-a1b2c3`)
      return named(secret, secret)
    }
    case 'AWS::Lambda::Function':
      return named(id, arn('lambda', `function:${id}`))
    case 'AWS::Lambda::Url': {
      const host = `${id.toLowerCase()}.lambda-url.${REGION}.on.aws`
      return named(id, id, { FunctionUrl: `https://${host}/` })
    }
    case 'AWS::Logs::LogGroup':
      return named(id, arn('logs', `log-group:${id}:*`))
    case 'AWS::S3::Bucket':
      return named(id.toLowerCase(), `arn:aws:s3:::${id.toLowerCase()}`, {
        RegionalDomainName: `${id.toLowerCase()}.s3.${REGION}.amazonaws.com`,
      })
    case 'AWS::CloudFront::Function':
      return named(id, id, { FunctionARN: `arn:aws:cloudfront::${ACCOUNT}:function/${id}` })
    case 'AWS::CloudFront::Distribution':
      return named(id, id, { DomainName: 'd111111abcdef8.cloudfront.net' })
    default:
      return named(id, arn(Type.split('::')[1]?.toLowerCase() ?? '', id), { Id: id })
  }
}
