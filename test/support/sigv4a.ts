/**
 * Checks the signature of a request that is good in all regions, by AWS's description and with Node's own
 * ECDSA: it shares nothing with the signer.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
import { createECDH, createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const ALGORITHM = 'AWS4-ECDSA-P256-SHA256'

/** @returns what is wrong; undefined for a good signature. */
export function signatureComplaint(
  request: IncomingMessage,
  body: string,
  credentials: { readonly id: string; readonly secret: string },
): string | undefined {
  const header = (name: string) => String(request.headers[name] ?? '')
  const [, scope = '', names = '', signature = ''] =
    /^AWS4-ECDSA-P256-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([\da-f]+)$/.exec(
      header('authorization'),
    ) ?? []
  const [id, ...scoped] = scope.split('/')
  const signed = names.split(';')
  if (id !== credentials.id) return `signed with ${id}`
  if (scoped[1] !== 'cloudfront-keyvaluestore') return `signed for ${scoped[1]}`
  if (header('x-amz-region-set') !== '*') return 'not for all regions'
  for (const name of ['host', 'x-amz-date', 'x-amz-region-set', 'x-amz-security-token']) {
    if (!signed.includes(name)) return `${name} is not signed`
  }
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const canonical = [
    request.method,
    path.split('/').map(encodeURIComponent).join('/'),
    query,
    ...signed.map(name => `${name}:${header(name).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n')
  const input = [ALGORITHM, header('x-amz-date'), scoped.join('/'), sha256(canonical)].join('\n')
  const isGood = verify(
    'sha256',
    Buffer.from(input),
    publicKey(credentials),
    Buffer.from(signature, 'hex'),
  )
  return isGood ? undefined : 'another signature'
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Of P-256: n - 2. */
const SCALAR_MAX = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254fn

/** The key pair that follows from the secret of a role's credentials. */
function publicKey({ id, secret }: { readonly id: string; readonly secret: string }) {
  for (let counter = 1; counter < 255; counter++) {
    const derived = createHmac('sha256', `AWS4A${secret}`)
      .update(Buffer.from([0, 0, 0, 1]))
      .update(`${ALGORITHM}\0${id}`)
      .update(Buffer.from([counter, 0, 0, 1, 0]))
      .digest('hex')
    const scalar = BigInt(`0x${derived}`)
    if (scalar > SCALAR_MAX) continue
    const pair = createECDH('prime256v1')
    pair.setPrivateKey((scalar + 1n).toString(16).padStart(64, '0'), 'hex')
    const point = pair.getPublicKey()
    const text = (bytes: Buffer) => bytes.toString('base64url')
    return createPublicKey({
      format: 'jwk',
      key: { kty: 'EC', crv: 'P-256', x: text(point.subarray(1, 33)), y: text(point.subarray(33)) },
    })
  }
  throw new Error('no key follows')
}
