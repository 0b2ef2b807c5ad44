/**
 * The door of an AWS service: every call is told apart by whose credentials signed it, held against that
 * function's policy, noted, and carried on to the server behind. A test may let a call go wrong.
 */
import { request as ask, createServer } from 'node:http'
import { bytesOf, closeServer, listenLocally } from './http.ts'
import { isAllowed, type Permission, type Policies } from './policies.ts'

export type Service = 'dynamodb' | 'sqs' | 'secretsmanager'

export interface Call extends Permission {
  readonly service: Service
  /** As the API names it: `SendMessageBatch`. */
  readonly operation: string
  /** The function whose credentials signed it. */
  readonly caller: string
  // biome-ignore lint/suspicious/noExplicitAny: an input of any operation
  readonly input: any
  readonly isAllowed: boolean
}

/** What becomes of a call: a function may die before the service got it, or before its answer came. */
export type Fate = 'carried-out' | 'throttled' | 'dies-before' | 'dies-after'

export interface EndpointDeps {
  /** By the access key that signs. */
  readonly callers: ReadonlyMap<string, { readonly name: string; readonly sessionToken: string }>
  readonly policies: Policies
  /** The ARNs of what a call touches. */
  readonly resourcesOf: (service: Service, input: Call['input']) => readonly string[]
  readonly fateOf: (call: Call) => Fate
  readonly kill: (caller: string) => void
  readonly note: (call: Call) => void
}

export interface Endpoint {
  readonly url: string
  close(): Promise<void>
}

/** IAM knows no batches of SQS: who may send may send ten. */
const BATCHES = /^(SendMessage|DeleteMessage|ChangeMessageVisibility)Batch$/

/**
 * @param upstream where the server behind is.
 * @param depsNow asked for at each call: a queue's address is needed before the policies are known.
 */
export async function openEndpoint(
  service: Service,
  upstream: string,
  depsNow: () => EndpointDeps,
): Promise<Endpoint> {
  const server = createServer(async (asked, answer) => {
    const deps = depsNow()
    const refuse = (status: number, type: string) => {
      answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      answer.end(JSON.stringify({ __type: type, message: `${type} (${service})` }))
    }
    const body = await bytesOf(asked)
    const { authorization = '' } = asked.headers
    const accessKey = /Credential=([^/]+)\//.exec(authorization)?.[1] ?? ''
    const caller = deps.callers.get(accessKey)
    if (caller === undefined || caller.sessionToken !== asked.headers['x-amz-security-token']) {
      return refuse(403, 'UnrecognizedClientException')
    }
    const operation = String(asked.headers['x-amz-target']).split('.').at(-1) ?? ''
    const input = JSON.parse(body.toString('utf8'))
    const action = `${service}:${operation.replace(BATCHES, '$1')}`
    const calls = deps.resourcesOf(service, input).map(resource => ({
      ...{ service, operation, caller: caller.name, input, action, resource },
      isAllowed: isAllowed(deps.policies, caller.name, { action, resource }),
    }))
    for (const call of calls) deps.note(call)
    if (!calls.every(call => call.isAllowed)) return refuse(400, 'AccessDeniedException')

    const [call] = calls
    const fate = call === undefined ? 'carried-out' : deps.fateOf(call)
    if (fate === 'throttled') return refuse(400, 'ThrottlingException')
    if (fate === 'dies-before') {
      deps.kill(caller.name)
      return asked.destroy()
    }
    const { host: _, connection: __, ...headers } = asked.headers
    const onward = ask(
      upstream,
      { method: asked.method, path: asked.url, headers },
      async reply => {
        const bytes = await bytesOf(reply)
        if (fate === 'dies-after') {
          deps.kill(caller.name)
          return answer.destroy()
        }
        answer.writeHead(reply.statusCode ?? 502, reply.headers).end(bytes)
      },
    )
    onward.on('error', () => answer.destroy()).end(body)
  })
  const port = await listenLocally(server)
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) }
}
