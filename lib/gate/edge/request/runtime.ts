/**
 * What CloudFront gives a function of its JavaScript runtime 2.0, as far as the gate uses it (AWS:
 * "CloudFront Functions event structure", "Helper methods for key value stores", "General helper
 * methods"). Types alone: nothing of this file is in the built function.
 */

/** A header, cookie or parameter; all of one name are in `multiValue`, when there are several. */
export interface EdgeField {
  readonly value: string
  readonly multiValue?: readonly { readonly value: string }[]
}

export type EdgeFields = Record<string, EdgeField>

export interface EdgeRequest {
  readonly method: string
  /** The path, not decoded. */
  readonly uri: string
  /** By their names in lower case; a function may add and remove some. */
  readonly headers: EdgeFields
  readonly cookies: EdgeFields
  /** The query without its `?`, to the letter; undefined where there is no `?`. */
  rawQueryString(): string | undefined
}

export interface EdgeAnswer {
  statusCode: number
  headers: EdgeFields
  cookies?: Record<string, { readonly value: string; readonly attributes: string }>
  body?: { readonly encoding: 'text'; readonly data: string }
}

export interface EdgeEvent {
  readonly context: {
    readonly eventType: string
    /** One of a kind for each request. */
    readonly requestId: string
  }
  readonly viewer: { readonly ip: string }
  readonly request: EdgeRequest
  /** The answer on its way to the viewer: in a viewer-response event. */
  readonly response?: EdgeAnswer
}

/** `import cf from 'cloudfront'` */
export interface CloudFrontModule {
  /** The store that is associated with the function. */
  kvs(): {
    /** Rejects where the store has no such key. */
    get(key: string, options: { readonly format: 'json' }): Promise<unknown>
  }
}

interface Digest {
  update(data: string): Digest
  digest(encoding: 'base64url'): string
}

/** The runtime's module `crypto`. */
export interface EdgeCrypto {
  createHash(algorithm: 'sha256'): Digest
  createHmac(algorithm: 'sha256', key: Uint8Array): Digest
}

/** All values of a header or cookie, in their order; none where there is none. */
export function valuesOf(fields: EdgeFields, name: string): string[] {
  const field = fields[name]
  return field ? (field.multiValue || [field]).map(one => one.value) : []
}

/** A header, all lines of it in one (RFC 9110 section 5.3); empty where there is none. */
export function headerOf(headers: EdgeFields, name: string): string {
  return valuesOf(headers, name).join(', ')
}
