/**
 * A pass checked by any JOSE library with the room's published keys, for systems that have no gate of
 * ours: the room needs `"passAlgorithm": "ES256"`. A site that lets people in by it must keep what a gate
 * keeps: a nonce before, and a session of its own afterwards.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createRemoteJWKSet, jwtVerify } from 'jose'

/** Where a browser is sent, and what it must keep (a cookie, HttpOnly, SameSite=Lax) for the way back. */
export function wayToRoom(roomUrl: string, room: string, to: string) {
  const nonce = randomBytes(16).toString('base64url')
  const query = new URLSearchParams({ to, nonce: hashOf(nonce) })
  return { location: `${roomUrl}/r/${room}?${query}`, nonce }
}

/** Fetches the keys when a pass names one that it does not know, at most every 30 s. */
export function passVerifier(roomUrl: string, room: string, now = () => new Date()) {
  const keys = createRemoteJWKSet(new URL(`${roomUrl}/r/${room}/jwks.json`))
  return async (pass: string, nonce: string) => {
    const { payload } = await jwtVerify(pass, keys, {
      algorithms: ['ES256'],
      typ: 'pass+jwt',
      issuer: 'antichambre',
      audience: room,
      clockTolerance: 5,
      // also looks whether `iat` is there, and not in the future
      maxTokenAge: 60,
      requiredClaims: ['exp', 'sub', 'nonce', 'sessionExp'],
      currentDate: now(),
    })
    // without this a pass would be a link that anybody can share
    if (payload.nonce !== hashOf(nonce)) throw new Error('a pass of another browser')
    return { ticketId: payload.sub, sessionEndsAtMs: Number(payload.sessionExp) * 1000 }
  }
}

function hashOf(nonce: string): string {
  return createHash('sha256').update(nonce).digest('base64url')
}
