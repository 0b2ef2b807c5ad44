/** Every code an error can carry. Codes are part of the contract: names may change, codes do not. */
export const ERROR_STATUS = {
  'bad-request': 400,
  'bad-json': 400,
  'bad-room-id': 400,
  'bad-return-address': 400,
  'no-ticket': 401,
  'bad-ticket': 401,
  'bad-token': 401,
  unauthorized: 401,
  forbidden: 403,
  'unknown-room': 404,
  'not-found': 404,
  'cohort-open': 404,
  'method-not-allowed': 405,
  'room-ended': 409,
  'sold-out': 409,
  'doors-closed': 409,
  'room-paused': 409,
  'already-entered': 409,
  'edit-conflict': 409,
  'room-closed': 409,
  'invitation-needed': 403,
  'bad-invitation': 403,
  'invitation-expired': 403,
  'invitation-used': 409,
  'turn-missed': 410,
  'too-large': 413,
  'wrong-media-type': 415,
  'not-yet': 425,
  'house-full': 425,
  'internal-error': 500,
  'try-again': 503,
} as const

export type ErrorCode = keyof typeof ERROR_STATUS

/**
 * The one error that this project throws. `code` is stable and decides the HTTP status; the message
 * is for people and never holds a token, a cookie or an address that came from outside.
 */
export class AntichambreError extends Error {
  readonly code: ErrorCode
  /** Facts that the answer carries beside code and message, such as `place` and `front`. */
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = 'AntichambreError'
    this.code = code
    this.facts = facts
  }

  get status(): (typeof ERROR_STATUS)[ErrorCode] {
    return ERROR_STATUS[this.code]
  }
}
