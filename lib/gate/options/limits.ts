/** The bounds of a gate, each with its reason. Bounds of passes and addresses are the queue's. */
import { TICKET_SECONDS_MAX } from '../../queue/limits.ts'

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
/**
 * At the edge a path with escapes, parameters or dots is protected unread if it is longer: to read one
 * takes time that a CloudFront Function does not have (AWS: "Compute utilization").
 */
export const EDGE_ODD_PATH_CHARS_MAX = 512
/** The browser's nonce lives as long as a ticket: after a longer wait no pass would fit it. */
export const NONCE_SECONDS = TICKET_SECONDS_MAX
/** The pass that is refused as the third within `REFUSALS_SECONDS` is not answered by a redirect. */
export const REFUSALS_MAX = 3
export const REFUSALS_SECONDS = 60
/** A gate's key: as long as the output of its HMAC (RFC 7518 section 3.2). */
export const KEY_BYTES_MIN = 32

/** How long an ended session is honoured on the paths of `gracePaths`: time to finish a payment. */
export const ENDED_GRACE_SECONDS = { min: 1, max: 3_600, default: 300 } as const

/** A goodbye waits this long until it is reported: for a slow next page, or a phone that comes back. */
export const GOODBYE_SECONDS = { min: 0, max: 600, default: 20 } as const
/** Goodbyes that wait at one time; each is a timer and a ticket's id. */
export const LEAVING_MAX = 100_000
/** How long browsers and caches keep the beacon's script. */
export const LEFT_SCRIPT_SECONDS = 3_600

/** How long the room may take to answer a report, and how often one is sent: half a minute of pauses. */
export const WORD_TIMEOUT_MS = 5_000
export const WORD_TRIES_MAX = 8
/** The pause before the second try; each further one is twice as long, up to the longest. */
export const WORD_PAUSE_MS = { first: 250, max: 10_000 } as const
/** Reports that wait to be sent: more than leave any showroom while the room is away for minutes. */
export const WORDS_WAITING_MAX = 100_000
