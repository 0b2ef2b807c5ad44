/** Checks of what visitors meet: page, status, keys, gates and clocks. Pure: from the answers alone. */
import * as z from 'zod/mini'
import type { EdgeReading } from '../../gate/edge/stored.ts'
import { CLOCK_SKEW_SECONDS } from '../../queue/limits.ts'
import { statusSchema } from '../../queue/visitor/room-status.ts'
import { modeText } from '../account/gate.ts'
import { printable } from '../shared/text.ts'
import { type Check, failed, look, ok, unchecked } from './check.ts'
import type { Probe } from './probe.ts'

export function pageCheck(page: Probe | string): Check {
  const todo = 'deploy again; until then visitors see nothing'
  if (typeof page === 'string') return failed('page', page, todo)
  const type = page.headers.get('content-type') ?? ''
  if (page.status === 200 && type.startsWith('text/html'))
    return ok('page', 'visitors get the waiting page')
  return failed('page', `the waiting page's address answers ${page.status}`, todo)
}

/** @param again the same address asked a second time, at once. */
export function statusCheck(first: Probe | string, again: Probe | string): Check {
  const name = 'status'
  const todo = 'look at the log of the visitor function: ErrorRate in docs/runbook.md'
  if (typeof first === 'string') return failed(name, first, todo)
  if (first.status !== 200 || !statusSchema.safeParse(jsonOf(first.text)).success) {
    return failed(name, `the status answers ${first.status}, not as a room does`, todo)
  }
  const caching = first.headers.get('cache-control') ?? 'nothing'
  if (!/\bpublic\b/.test(caching) || !/\bmax-age=[1-9]/.test(caching)) {
    const says = `the status says cache-control: ${printable(caching)}`
    return failed(
      name,
      says,
      'nothing on the way may change that header: every poll would reach the room',
    )
  }
  const seen = typeof again === 'string' ? '' : (again.headers.get('x-cache') ?? '')
  if (/hit/i.test(seen)) return ok(name, 'the CDN answers polls for a second from its cache')
  const direct = 'no CDN answered from its cache: every poll would reach the room'
  return look(
    name,
    direct,
    'is --url the address of the distribution? On one machine there is none',
  )
}

export function keysCheck(jwks: Probe | string): Check {
  const [signs, ...others] = keyIdsIn(jwks).map(printable)
  if (signs === undefined) {
    return failed('keys', 'the room shows no keys', 'is the master secret there and readable?')
  }
  if (others.length === 0) return ok('keys', `${signs} signs`)
  const says = `${signs} signs, and ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} accepted`
  return look('keys', says, 'does every gate know all of them? keys gate ROOM prints them')
}

/** Does the showroom send somebody without a pass to this room? */
export function gateCheck(showroom: Probe | string, room: string, base: URL): Check {
  const name = 'gate'
  const todo = 'put a gate in front of the showroom: docs/gates.md'
  if (typeof showroom === 'string') {
    const there = `is it up, and is the room’s showroomUrl its address? room get ${room} shows it`
    return failed(name, `the showroom: ${showroom}`, there)
  }
  const { status, headers, text } = showroom
  const mode = headers.get('antichambre-gate')
  if (mode === 'off' || mode === 'open') {
    const says = `there is a gate, and it is ${mode}: everybody walks through`
    return failed(name, says, 'switch it on: its option `mode`; on CloudFront, gate mode ROOM on')
  }
  if (status === 503 && /\bno-keys\b/.test(text)) {
    const says = 'there is a gate, and it has no keys: it lets nobody in'
    return failed(name, says, 'deploy its stack again; docs/gates.md')
  }
  const location = headers.get('location') ?? ''
  if (status < 300 || status >= 400 || !URL.canParse(location, base)) {
    return failed(name, `the showroom answers ${status} to somebody without a pass`, todo)
  }
  const target = new URL(location, base)
  const path = `/r/${room}`
  if (target.pathname !== path && target.pathname !== `${path}/through`) {
    const where = printable(`${target.origin}${target.pathname}`)
    return failed(name, `the showroom redirects to ${where}, not to this room`, todo)
  }
  if (!target.searchParams.has('nonce')) {
    const says = 'the showroom redirects here without a nonce: its passes can be passed on'
    return look(name, says, 'a gate of this project binds passes to a browser')
  }
  if (target.origin === base.origin) return ok(name, 'the showroom sends visitors to this room')
  const says = `the showroom sends visitors to ${printable(target.origin)}, and this looked at ${base.origin}`
  return look(name, says, 'are both the same deployment? Look again with --url of the other')
}

/**
 * Does the gate know the key that the room signs with, and the one that it will sign with next?
 * @param kids of the room's keys: the one that signs, then the others from the oldest on.
 */
export function edgeCheck(
  room: string,
  gate: EdgeReading | undefined,
  kids: readonly string[],
): Check {
  const name = 'store'
  const again = 'deploy the stack of the gate again; is the store that of this gate?'
  if (gate === undefined) return failed(name, `the store knows no gate of ${room}`, again)
  const { mode, keyIds } = gate
  if (mode !== 'on') {
    return failed(name, `the gate is ${modeText(mode)}`, `gate mode ${room} on --store ARN`)
  }
  const needed = new Set([kids.at(0), kids.at(-1)].filter(kid => kid !== undefined))
  const missing = [...needed].filter(kid => !keyIds.includes(kid))
  if (missing.length > 0) {
    const says = `the gate does not know ${missing.map(printable).join(', ')}`
    return failed(name, says, `within five minutes of a rotation it should; else ${again}`)
  }
  return ok(name, `the gate is on and knows ${keyIds.map(printable).join(', ')}`)
}

/** Passes and departures carry times, so the clocks of room and showroom must agree. */
export function clockCheck(room: Probe | string, showroom: Probe | string): Check {
  const name = 'clock'
  const ours = typeof room === 'string' ? undefined : room.aheadMs
  const theirs = typeof showroom === 'string' ? undefined : showroom.aheadMs
  if (ours === undefined || theirs === undefined) {
    const who = ours === undefined ? 'the room' : 'the showroom'
    return unchecked(name, `${who} does not say its time`, 'do its machines follow an NTP server?')
  }
  const apart = Math.round(Math.abs(ours - theirs) / 1000)
  // Both times come in whole seconds.
  if (apart > CLOCK_SKEW_SECONDS + 1) {
    const says = `the clocks of room and showroom are ${apart} s apart, ${CLOCK_SKEW_SECONDS} are allowed`
    return failed(name, says, "set the showroom's clock by NTP: its gate would refuse passes")
  }
  const mine = Math.round(Math.abs(ours) / 1000)
  if (mine > CLOCK_SKEW_SECONDS + 1) {
    const says = `your own clock is ${mine} s off; room and showroom agree`
    return look(name, says, 'times that you read or type here are that wrong')
  }
  return ok(name, 'room, showroom and this machine agree')
}

/** The ids of the room's keys: the one that signs first. */
export function keyIdsIn(jwks: Probe | string): string[] {
  const outcome = jwksSchema.safeParse(typeof jwks === 'string' ? undefined : jsonOf(jwks.text))
  return outcome.success ? outcome.data.keys.map(({ kid }) => kid) : []
}

const jwksSchema = z.object({ keys: z.array(z.object({ kid: z.string() })) })

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
