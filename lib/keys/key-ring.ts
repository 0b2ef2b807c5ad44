/**
 * Keys: everything is derived from one master secret by HKDF (RFC 5869) with a label, so that a
 * showroom never holds what signs tickets. Two master keys and more may be known at once: the
 * current one signs, all of them are accepted.
 */
import { createECDH, createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto'
import * as z from 'zod/mini'
import type { PassSigner } from '../queue/tokens/pass.ts'
import { type SigningKey, sameText } from '../queue/tokens/token.ts'

/** A master key is a text of at least this many characters, from a generator of secrets. */
const MASTER_CHARS_MIN = 32

const masterSecretSchema = z.catchall(z.object({ current: z.string() }), z.string())

export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'ES256'
}

export interface KeyRing {
  /** The id of the key that signs now. */
  readonly currentId: string
  /** Signs and checks tickets; the current key first. */
  readonly ticketKeys: readonly SigningKey[]
  /** Signs and checks invitations to groups; the current key first. */
  readonly invitationKeys: readonly SigningKey[]
  /** Signs and checks passes, sessions and departures of one room; the current key first. */
  gateKeys(room: string): readonly SigningKey[]
  /** Seeds draws. @throws Error for an id that this ring does not know. */
  drawKey(id: string): Uint8Array
  /** Signs ES256 passes of one room. */
  passSigner(room: string): PassSigner
  /** The public halves, for `jwks.json`; the current key first. */
  publicKeys(room: string): readonly PublicJwk[]
  /** Is this the operator's token? Compared in constant time. */
  isOperatorToken(token: string): boolean
  /** The operator's token, derived from the current key unless one was given. */
  readonly operatorToken: string
}

/**
 * @param secret JSON: `{ "current": "k1", "k1": "<text of 32 characters and more>" }`, with more
 *   keys beside `current` during a rotation.
 * @param operatorToken replaces the derived one; an empty one does not.
 * @throws Error when the secret has another form; the message never holds any of it.
 */
export function createKeyRing(secret: string, operatorToken?: string): KeyRing {
  const masters = parseMasterSecret(secret)
  const ids = [masters.current, ...Object.keys(masters.keys).filter(id => id !== masters.current)]
  const derive = (id: string, label: string): Uint8Array => {
    const master = Object.hasOwn(masters.keys, id) ? masters.keys[id] : undefined
    if (master === undefined) throw new Error('a key id is not in the master secret')
    return new Uint8Array(hkdfSync('sha256', master, 'antichambre', label, 32))
  }
  const keysFor = (label: string) => ids.map(id => ({ id, secret: derive(id, label) }))
  const remembered = <Value>(make: (room: string) => Value) => {
    const made = new Map<string, Value>()
    return (room: string): Value => {
      const known = made.get(room)
      if (known !== undefined) return known
      const value = make(room)
      made.set(room, value)
      return value
    }
  }
  const pairs = remembered(room => ids.map(id => ecPair(id, derive(id, `pass-es256/${room}`))))
  const derivedToken = Buffer.from(derive(masters.current, 'operator')).toString('base64url')
  // an environment variable that is set to nothing must not become a token that anybody has
  const given = operatorToken?.trim() === '' ? undefined : operatorToken

  return {
    currentId: masters.current,
    ticketKeys: keysFor('ticket'),
    invitationKeys: keysFor('invitation'),
    gateKeys: remembered(room => keysFor(`gate/${room}`)),
    drawKey: remembered(id => derive(id, 'draw')),
    passSigner: room => first(pairs(room)).signer,
    publicKeys: room => pairs(room).map(pair => pair.jwk),
    operatorToken: given ?? derivedToken,
    isOperatorToken: token => sameText(token, given ?? derivedToken),
  }
}

function parseMasterSecret(secret: string): { current: string; keys: Record<string, string> } {
  let parsed: unknown
  try {
    parsed = JSON.parse(secret)
  } catch {
    throw new Error('the master secret is not JSON')
  }
  const outcome = masterSecretSchema.safeParse(parsed)
  if (!outcome.success)
    throw new Error('the master secret is not an object of texts with `current`')
  const { current, ...keys } = outcome.data
  if (!Object.hasOwn(keys, current)) throw new Error('the master secret lacks its current key')
  if (Object.values(keys).some(key => key.length < MASTER_CHARS_MIN)) {
    throw new Error(`a master key has at least ${MASTER_CHARS_MIN} characters`)
  }
  return { current, keys }
}

/** A P-256 pair whose private half is derived: 32 bytes are a valid scalar but for odds of 2^-32. */
function ecPair(id: string, scalar: Uint8Array): { signer: PassSigner; jwk: PublicJwk } {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(scalar)
  const point = ecdh.getPublicKey()
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
  const curve = {
    kty: 'EC',
    crv: 'P-256',
    x: text(point.subarray(1, 33)),
    y: text(point.subarray(33)),
  } as const
  const key: KeyObject = createPrivateKey({ key: { ...curve, d: text(scalar) }, format: 'jwk' })
  return {
    signer: { id, privateKey: { key, dsaEncoding: 'ieee-p1363' } },
    jwk: { ...curve, kid: id, use: 'sig', alg: 'ES256' },
  }
}

function first<Item>(items: readonly Item[]): Item {
  const [item] = items
  if (item === undefined) throw new Error('a key ring has at least one key')
  return item
}
