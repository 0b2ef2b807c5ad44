/** What the page says to those who wait. */

import type { Outlook, WaitingFacts } from '../machine/view.ts'
import type { Format } from './format.ts'
import { HOPELESS, ODDS_LABEL, oddsText, reasonText } from './shared-texts.ts'
import type { Fact, Texts } from './text.ts'

const KEEP_OPEN = 'Keep this page open: it takes you in by itself when it is your turn.'
/** A wait this long is shown as a time of day. */
const LONG_WAIT_MS = 300_000
/** Waits that are announced to screen readers. */
const ANNOUNCED_MINUTES = [1, 2, 5, 10, 20, 30, 60]

export function waitingTexts(view: WaitingFacts, nowMs: number, format: Format): Texts {
  const { place, ahead, waitMs, turnAtMs, odds, outlook } = view
  const reason = reasonText(view.binding)
  const isHopeless = odds?.kind === 'none'
  const wait = waitMs === null ? 'Not known yet' : capitalised(format.wait(waitMs))
  const isLong = waitMs !== null && waitMs > LONG_WAIT_MS
  const yours: Fact =
    isLong && turnAtMs !== null
      ? ['Your wait', wait, `around ${format.time(turnAtMs, nowMs)}`]
      : ['Your wait', wait]
  const titleWait = waitMs === null ? '' : ` · ${format.shortWait(waitMs)}`
  return {
    title: ahead === 0 ? 'You are next' : `${format.count(ahead)} ahead${titleWait}`,
    heading: ahead === 0 ? 'You are next' : 'You are in line',
    figure:
      ahead === 0
        ? null
        : {
            value: format.count(ahead),
            caption: ahead === 1 ? 'person ahead of you' : 'people ahead of you',
          },
    facts: [
      ['Your place', format.count(place)],
      yours,
      ...(odds === null ? [] : [[ODDS_LABEL, oddsText(odds, format)] as const]),
    ],
    lead: [
      ...(isHopeless ? [HOPELESS] : []),
      ...(outlook === null ? [] : [outlookText(outlook, nowMs, format)]),
      ...(reason === null ? [] : [reason]),
      ...(isHopeless ? [] : [KEEP_OPEN]),
    ],
    action: null,
    announcement: announcedWait(view, format),
    remark: reason ?? '',
  }
}

function announcedWait({ place, ahead, waitMs, odds }: WaitingFacts, format: Format): string {
  if (ahead === 0) return 'You are next'
  const start = `You are in line. Your place is ${format.count(place)}.`
  if (odds?.kind === 'none') return `${start} ${HOPELESS}`
  if (waitMs === null) return `${start} The wait is not known yet.`
  const minutes = ANNOUNCED_MINUTES.find(mark => waitMs <= mark * 60_000)
  if (minutes === undefined) return `${start} The wait is more than an hour.`
  return `${start} The wait is less than ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`
}

function outlookText(outlook: Outlook, nowMs: number, format: Format): string {
  if (outlook.kind === 'closing') {
    return `The sale closes ${format.moment(outlook.closesAtMs, nowMs)}: your turn may come too late.`
  }
  const left =
    outlook.left === 1 ? 'Only one is left' : `Only ${format.count(outlook.left)} are left`
  return `${left}, and as many people or more are ahead of you: it may be sold out before your turn.`
}

export function people(count: number, format: Format): string {
  return `${format.count(count)} ${count === 1 ? 'person' : 'people'}`
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
