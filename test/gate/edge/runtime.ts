/**
 * CloudFront's JavaScript runtime 2.0 for tests: a bare context that has what AWS lists on "JavaScript
 * runtime 2.0 features for CloudFront Functions" and nothing else, and events as CloudFront makes them.
 */
import { createHash, createHmac } from 'node:crypto'
import { createContext, Script } from 'node:vm'
import type { GateRequest } from '../../../lib/gate/decision/decide.ts'
import type {
  EdgeAnswer,
  EdgeEvent,
  EdgeFields,
  EdgeRequest,
} from '../../../lib/gate/edge/request/runtime.ts'
import { bareGlobals } from './builtins.ts'

export const IMPORT = 'import cf from "cloudfront";'

export interface EdgeWorld {
  /** The value of each key of the store, JSON; a key that is absent rejects, as AWS says. */
  readonly store: Readonly<Record<string, string>>
  readonly nowMs: number
}

export interface EdgeFunction {
  handler(event: EdgeEvent, world: EdgeWorld): Promise<EdgeRequest | EdgeAnswer>
  /** Keys that were read from the store, in their order. */
  readonly reads: readonly string[]
}

/** Runs a function's file as CloudFront does: alone, with nothing of Node around it. */
export function edgeFunction(source: string): EdgeFunction {
  if (!source.startsWith(IMPORT)) throw new Error('an import is the first statement of a file')
  const reads: string[] = []
  let world: EdgeWorld = { store: {}, nowMs: 0 }
  const context = createContext({})
  bareGlobals(context)
  const parsed = new Script('(text => JSON.parse(text))').runInContext(context)
  const kvs = {
    async get(key: string, { format }: { format: string }) {
      reads.push(key)
      const value = world.store[key]
      if (value === undefined) throw new Error('KeyNotFound')
      if (format !== 'json') throw new Error(`not asked for as JSON but as ${format}`)
      return parsed(value)
    },
  }
  Object.assign(context, {
    Buffer: { from: edgeBuffer },
    cf: { kvs: () => kvs },
    require(name: string) {
      if (name !== 'crypto') throw new Error(`no module ${name}`)
      return edgeCrypto
    },
  })
  new Script('(now => { Date.now = now })').runInContext(context)(() => world.nowMs)
  new Script(
    `'use strict';${source.slice(IMPORT.length)};globalThis.handler = handler`,
  ).runInContext(context)
  return {
    reads,
    handler(event, now) {
      world = now
      // made anew inside: an array of Node's own would have all the methods that Node has
      const inside = parsed(JSON.stringify(event))
      inside.request.rawQueryString = () => event.request.rawQueryString()
      return context.handler(inside)
    },
  }
}

const ENCODINGS = ['utf8', 'hex', 'base64', 'base64url'] as const

class EdgeBuffer {
  readonly bytes: Buffer
  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
  get length() {
    return this.bytes.length
  }
  toString(encoding: (typeof ENCODINGS)[number] = 'utf8') {
    if (!ENCODINGS.includes(encoding)) throw new TypeError(`no encoding ${encoding}`)
    return this.bytes.toString(encoding)
  }
}

function edgeBuffer(text: string, encoding: (typeof ENCODINGS)[number] = 'utf8') {
  if (!ENCODINGS.includes(encoding)) throw new TypeError(`no encoding ${encoding}`)
  if (typeof text !== 'string') throw new TypeError('the gate makes buffers of texts')
  return new EdgeBuffer(Buffer.from(text, encoding))
}

const edgeCrypto = {
  createHash: (algorithm: string) => digestOf(createHash(known(algorithm))),
  createHmac: (algorithm: string, key: EdgeBuffer | string) =>
    digestOf(createHmac(known(algorithm), key instanceof EdgeBuffer ? key.bytes : key)),
}

function known(algorithm: string) {
  if (!['md5', 'sha1', 'sha256'].includes(algorithm)) throw new TypeError(`no ${algorithm}`)
  return algorithm
}

function digestOf(hash: { update(data: string): unknown; digest(encoding: 'base64url'): string }) {
  return {
    update(data: string) {
      hash.update(data)
      return this
    },
    digest: (encoding: 'base64url') => hash.digest(encoding),
  }
}

let requests = 0

/** A request as the event of a viewer request. */
export function viewerRequest(request: GateRequest, method = request.method): EdgeEvent {
  requests += 1
  const [, host = 'd111111abcdef8.cloudfront.net', uri = '', query] =
    /^(?:https?:\/\/([^/?#\\]*))?([^?#]*)(?:\?([^#]*))?/i.exec(request.url) ?? []
  const named = {
    host,
    accept: request.accept,
    'sec-fetch-mode': request.fetchMode,
    referer: request.referer,
  }
  const headers: EdgeFields = {}
  for (const [name, value] of Object.entries(named)) {
    if (value !== undefined) headers[name] = { value }
  }
  return {
    context: { eventType: 'viewer-request', requestId: `EXAMPLE-${requests}==` },
    viewer: { ip: '198.51.100.11' },
    request: {
      method,
      uri: uri === '' ? '/' : uri,
      headers,
      cookies: cookiesOf(request.cookie ?? ''),
      rawQueryString: () => query,
    },
  }
}

/** A Cookie header in parts: all of one name are one field. */
function cookiesOf(header: string): EdgeFields {
  const values = new Map<string, string[]>()
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals === -1) continue
    const name = pair.slice(0, equals).trim()
    values.set(name, [...(values.get(name) ?? []), pair.slice(equals + 1).trim()])
  }
  const fields = [...values].map(([name, [value = '', ...more]]) => {
    const multiValue = [value, ...more].map(one => ({ value: one }))
    return [name, more.length === 0 ? { value } : { value, multiValue }] as const
  })
  return Object.fromEntries(fields)
}
