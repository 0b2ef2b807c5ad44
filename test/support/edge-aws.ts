/**
 * As much of AWS as the function of a gate at the edge talks to, over HTTP: the key value store's data
 * API with its versions, the master secret, and where CloudFormation awaits its answers.
 */
import { Agent, createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { CloudFrontKeyValueStoreClient } from '@aws-sdk/client-cloudfront-keyvaluestore'
import { KEY_VALUE_STORE_CLIENT } from '../../lib/keys/key-value-store.ts'
import { signatureComplaint } from './sigv4a.ts'

export const STORE_ARN = 'arn:aws:cloudfront::111122223333:key-value-store/a1b2c3d4'
export const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-3:111122223333:secret:master-a1b2c3'
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'KEY-OF-THE-ROLE',
  AWS_SECRET_ACCESS_KEY: 'SECRET-OF-THE-ROLE',
  AWS_SESSION_TOKEN: 'SESSION-OF-THE-ROLE',
} as const

type Action = 'DescribeKeyValueStore' | 'GetKey' | 'PutKey' | 'DeleteKey' | 'GetSecretValue'

/** What CloudFormation was told. */
export interface Told {
  readonly Status: string
  readonly PhysicalResourceId: string
  readonly Reason?: string
  readonly RequestId: string
}

export interface EdgeAws {
  /** For `AWS_ENDPOINT_URL`: the SDK puts the account's number before the host of the store. */
  readonly url: string
  readonly answerUrl: string
  readonly values: Map<string, string>
  readonly calls: Action[]
  readonly told: Told[]
  /** The type that each answer was said to be of; undefined where nothing was said. */
  readonly toldTypes: (string | undefined)[]
  /** The master secret, and since when it is so. */
  secret: { text: string; sinceMs: number }
  /** What is answered instead, by status and name. */
  refuse: (action: Action | 'Answer') => readonly [number, string, string?] | undefined
  /** Called before each write: what others do meanwhile. */
  meanwhile: () => void
  /** Somebody else writes. */
  put(key: string, value: string): void
  stop(): Promise<void>
}

export async function edgeAws(secretText: string, sinceMs = 0): Promise<EdgeAws> {
  let version = 1
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const answer = (status: number, content: object, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify(content))
    }
    const path = (request.url ?? '').split('/').map(decodeURIComponent)
    const action = actionOf(request, path)
    if (action !== 'Answer') aws.calls.push(action)
    const [status, name, message = 'no'] = aws.refuse(action) ?? []
    if (status !== undefined) {
      return answer(status, { __type: name, message }, { 'x-amzn-errortype': name })
    }
    if (action === 'Answer') {
      aws.told.push(JSON.parse(body))
      aws.toldTypes.push(request.headers['content-type'])
      return response.end()
    }
    if (action === 'GetSecretValue') {
      const { text: SecretString, sinceMs: since } = aws.secret
      return answer(200, { SecretString, VersionId: 'v', CreatedDate: since / 1000 })
    }
    const [id, secret] = [CREDENTIALS.AWS_ACCESS_KEY_ID, CREDENTIALS.AWS_SECRET_ACCESS_KEY]
    const complaint = signatureComplaint(request, body, { id, secret })
    const fail = (code: number, type: string) =>
      answer(code, { message: complaint ?? 'no' }, { 'x-amzn-errortype': type })
    if (complaint !== undefined) return fail(403, 'AccessDeniedException')
    if (path[2] !== STORE_ARN) return fail(404, 'ResourceNotFoundException')
    const key = path[4] ?? ''
    const value = aws.values.get(key)
    if (action === 'DescribeKeyValueStore') return answer(200, {}, { etag: `V${version}` })
    if (action === 'GetKey') {
      return value === undefined
        ? fail(404, 'ResourceNotFoundException')
        : answer(200, { Key: key, Value: value, ItemCount: 1, TotalSizeInBytes: 1 })
    }
    aws.meanwhile()
    if (request.headers['if-match'] !== `V${version}`) return fail(409, 'ConflictException')
    if (action === 'PutKey') aws.put(key, JSON.parse(body).Value)
    else {
      version += 1
      aws.values.delete(key)
    }
    answer(200, { ItemCount: aws.values.size, TotalSizeInBytes: 1 }, { etag: `V${version}` })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const aws: EdgeAws = {
    url: `http://localhost:${port}`,
    answerUrl: `http://127.0.0.1:${port}/answer?signature=x`,
    values: new Map(),
    calls: [],
    told: [],
    toldTypes: [],
    secret: { text: secretText, sinceMs },
    refuse: () => undefined,
    meanwhile: () => {},
    put(key, value) {
      version += 1
      aws.values.set(key, value)
    },
    stop: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return aws
}

/** A client of the store alone: the account's number before `localhost` is a name that no resolver knows. */
export function edgeStoreClient(
  aws: EdgeAws,
  secretAccessKey: string = CREDENTIALS.AWS_SECRET_ACCESS_KEY,
): CloudFrontKeyValueStoreClient {
  const lookup: NonNullable<ConstructorParameters<typeof Agent>[0]>['lookup'] = (
    _,
    options,
    found,
  ) =>
    options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)
  return new CloudFrontKeyValueStoreClient({
    ...KEY_VALUE_STORE_CLIENT,
    endpoint: aws.url,
    credentials: {
      accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID,
      secretAccessKey,
      sessionToken: CREDENTIALS.AWS_SESSION_TOKEN,
    },
    requestHandler: { httpAgent: new Agent({ lookup }) },
    maxAttempts: 1,
  })
}

function actionOf(
  { method, headers }: IncomingMessage,
  path: readonly string[],
): Action | 'Answer' {
  if (path[1]?.startsWith('answer')) return 'Answer'
  if (headers['x-amz-target'] === 'secretsmanager.GetSecretValue') return 'GetSecretValue'
  if (path[1] !== 'key-value-stores') throw new Error(`nobody is at ${path.join('/')}`)
  if (path[3] === undefined) return 'DescribeKeyValueStore'
  const actions: Record<string, Action> = { GET: 'GetKey', PUT: 'PutKey', DELETE: 'DeleteKey' }
  const action = actions[method ?? '']
  if (action === undefined) throw new Error(`no action for ${method}`)
  return action
}
