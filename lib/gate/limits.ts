/** The bounds of a gate, each with its reason. Bounds of passes and addresses are the queue's. */
import { TICKET_SECONDS_MAX } from '../queue/limits.ts'

/** How much of a Cookie header is read: Node takes 16 KB of headers, CloudFront 20 KB. */
export const COOKIE_CHARS_MAX = 32_768
/** Cookies of one name that are tried: browsers send several when paths or domains differ. */
export const COOKIES_TRIED_MAX = 4
/** Pass parameters in one address that are tried; the room puts one. */
export const PASSES_TRIED_MAX = 3
/** How much of an Accept header is read. */
export const ACCEPT_CHARS_MAX = 1_000
/** Longer paths are protected unread; no return address is as long. */
export const PATH_CHARS_MAX = 2_048
/** How many readings of one path are looked at; one that has more is protected. Plain paths have one. */
export const READINGS_MAX = 32
/** The browser's nonce lives as long as a ticket: nobody may wait longer than they are known. */
export const NONCE_SECONDS = TICKET_SECONDS_MAX
/** The pass that is refused as the third within `REFUSALS_SECONDS` is not answered by a redirect. */
export const REFUSALS_MAX = 3
export const REFUSALS_SECONDS = 60
/** A gate's key: as long as the output of its HMAC (RFC 7518 section 3.2). */
export const KEY_BYTES_MIN = 32
