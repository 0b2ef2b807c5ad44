/** What an owner says of a gate at the edge: as for every gate, but for what the edge cannot have. */
import { AntichambreError } from '../../queue/errors.ts'
import type { NamesOf } from '../../queue/names.ts'
import { type GateOptions, parseGateConfig, refuseUnknown } from '../config.ts'
import { KEY_BYTES_MIN } from '../limits.ts'
import { protectRule } from '../path-rules.ts'
import type { EdgeConfig } from './config.ts'
import { folded } from './paths.ts'
import { exceptionPattern, protectPattern } from './rules.ts'

/**
 * Keys and mode lie in the key value store, where they can change at any time; departures do not reach
 * the edge; and its cookies are for https alone.
 */
export type EdgeGateOptions = Omit<GateOptions, 'keys' | 'mode' | 'hasDeparted' | 'secureCookies'>

const EDGE_OPTIONS: NamesOf<EdgeGateOptions> = {
  room: true,
  roomUrl: true,
  publicUrl: true,
  protect: true,
  bypass: true,
  gracePaths: true,
  graceSeconds: true,
  way: true,
}

/** @throws AntichambreError `bad-request`, naming every option that is wrong. */
export function edgeConfig(options: EdgeGateOptions): EdgeConfig {
  refuseUnknown(options, EDGE_OPTIONS)
  // the other checks are those of every gate, which has keys
  const keys = [{ id: 'in the store', secret: new Uint8Array(KEY_BYTES_MIN) }]
  const config = parseGateConfig({ ...options, keys })
  const unreadable = (options.protect ?? []).filter(rule => !isReadable(rule))
  if (unreadable.length > 0) {
    throw new AntichambreError(
      'bad-request',
      unreadable.map(rule => `protect: the edge cannot compare the letters of ${rule}`).join('; '),
    )
  }
  return {
    room: config.room,
    waitingUrl: config.waitingUrl,
    wayUrl: config.wayUrl,
    publicOrigin: config.publicOrigin ?? '',
    protect: new RegExp(protectPattern(config.rules.protect)),
    bypass: new RegExp(exceptionPattern(config.rules.bypass)),
    grace: new RegExp(exceptionPattern(config.grace)),
    graceSeconds: config.graceSeconds,
  }
}

/** A rule with letters that the edge folds otherwise would protect nothing there. */
function isReadable(rule: string): boolean {
  const { path } = protectRule(rule)
  return folded(path) === path
}
