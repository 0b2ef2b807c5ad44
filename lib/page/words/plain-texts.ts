/** What the page without JavaScript says; to be translated together with texts.ts. */

import { shownOdds } from '../machine/odds.ts'
import { createFormat } from './format.ts'
import type { PlainState, PlainView } from './plain-view.ts'
import {
  CLOSED,
  HELD,
  HOPELESS,
  MISSED,
  ODDS_LABEL,
  oddsText,
  PLACE_KEPT,
  reasonText,
  uninvitedTexts,
} from './shared-texts.ts'
import { LOCALE } from './text.ts'
import { capitalised } from './waiting-texts.ts'

export interface PlainTexts {
  readonly heading: string
  readonly figure: { readonly value: string; readonly caption: string } | null
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly lead: readonly string[]
  readonly link: { readonly url: string; readonly text: string } | null
}

/** The room does not know the visitor's time zone. */
const format = createFormat(LOCALE, 'UTC')

const KEEP_OPEN = 'Keep this page open: it asks again by itself, and takes you in at your turn.'

export function plainTexts({ room, state }: PlainView): PlainTexts {
  switch (state.status) {
    case 'doors-closed':
      return says('The doors are still closed', [
        ...opening(state.opensAtMs),
        'Keep this page open: it joins by itself as soon as the doors open.',
      ])
    case 'gathering':
      return says('You are in', [
        ...opening(state.opensAtMs),
        'The order is drawn at the opening, among everybody who is here by then. Having come earlier gives no advantage.',
        KEEP_OPEN,
      ])
    case 'drawing':
      return says('You are in', [
        'Your place is about to be drawn, together with everybody who came in the same few seconds.',
        KEEP_OPEN,
      ])
    case 'waiting':
      return waiting(state)
    case 'admitted':
      return {
        ...says('It is your turn', ['The door is open for you.']),
        link: { url: state.location, text: 'Go in now' },
      }
    case 'held':
      return { ...says(HELD.heading, HELD.lead), facts: placeOf(state) }
    case 'missed':
      return { ...says(MISSED.heading, MISSED.lead), facts: placeOf(state) }
    case 'closed': {
      const kept = state.place === undefined ? [] : [PLACE_KEPT]
      return { ...says(CLOSED.heading, [...CLOSED.lead, ...kept]), facts: placeOf(state) }
    }
    case 'uninvited': {
      const { heading, lead, action } = uninvitedTexts(state.problem)
      return { ...says(heading, lead), link: { url: state.generalUrl, text: action } }
    }
    case 'paused':
      return {
        ...says('The line is paused', [
          'Nobody is being let in for the moment. Your place is kept, and this page goes on by itself.',
        ]),
        facts: placeOf(state),
      }
    case 'sold-out':
      return {
        ...says('Sold out', [
          'Everything is gone. We are sorry that it did not reach as far as you. There is no need to stay.',
        ]),
        facts: placeOf(state),
      }
    case 'ended':
      return says('This sale is over', ['Thank you for having been here.'])
    case 'try-again':
      return says('One moment', [
        'The room is very busy. Nothing is lost; this page tries again by itself.',
      ])
    case 'cookies-needed':
      return {
        ...says('Your browser keeps no cookies', [
          'Your place in line is kept in a cookie of this site, and in nothing else. Please allow it, then try again.',
        ]),
        link: { url: state.retryUrl, text: 'Try again' },
      }
    case 'problem':
      return problem(room, state)
  }
}

const KEEPS_PLACE: ReadonlySet<PlainState['status']> = new Set([
  'gathering',
  'drawing',
  'waiting',
  'held',
  'missed',
  'paused',
])

export function refreshText({ refreshSeconds, state }: PlainView): string {
  if (refreshSeconds === null) return 'This page does not change any more.'
  const seconds = refreshSeconds === 1 ? 'second' : `${format.count(refreshSeconds)} seconds`
  const keeps = KEEPS_PLACE.has(state.status)
    ? ' You can leave and come back: this browser keeps your place.'
    : ''
  return `This page asks again in ${seconds}.${keeps}`
}

function problem(room: string, { code, message }: { code: string; message: string }): PlainTexts {
  switch (code) {
    case 'already-entered':
      return says('You have been in', [
        'This browser’s ticket has been used to walk in. Each ticket opens the door once.',
      ])
    case 'unknown-room':
    case 'bad-room-id':
      return says('There is no such room', [
        'The address may be misspelt, or the sale is not announced yet. Please follow the showroom’s own link.',
      ])
    case 'bad-return-address':
      return {
        ...says('This link leads elsewhere', [
          'The link that brought you here leads back to an address that does not belong to this showroom, so we do not send you there. You can go to the showroom’s entrance instead.',
        ]),
        link: { url: `/r/${encodeURIComponent(room)}/plain`, text: 'Go to the entrance' },
      }
    default:
      return says('Something is wrong', [`${message} (${code})`])
  }
}

type Waiting = Extract<PlainState, { status: 'waiting' }>

function waiting({ place, ahead, waitSeconds, odds, binding }: Waiting): PlainTexts {
  const wait = waitSeconds === null ? 'not known yet' : format.wait(waitSeconds * 1000)
  const told = odds === null ? null : shownOdds({ low: odds, chance: odds, high: odds })
  const isHopeless = told?.kind === 'none'
  const reason = reasonText(binding)
  const figure = {
    value: format.count(ahead),
    caption: ahead === 1 ? 'person ahead of you' : 'people ahead of you',
  }
  return {
    ...says(ahead === 0 ? 'You are next' : 'You are in line', [
      ...(isHopeless ? [HOPELESS] : []),
      ...(reason === null ? [] : [reason]),
      ...(isHopeless ? [] : [KEEP_OPEN]),
    ]),
    figure: ahead === 0 ? null : figure,
    facts: [
      ['Your place', format.count(place)],
      ['Your wait', capitalised(wait)],
      ...(told === null ? [] : [[ODDS_LABEL, oddsText(told, format)] as const]),
    ],
  }
}

function says(heading: string, lead: readonly string[]): PlainTexts {
  return { heading, figure: null, facts: [], lead, link: null }
}

function opening(opensAtMs: number | null): readonly string[] {
  // The room does not know what day it is for the visitor: the text always names the day.
  return opensAtMs === null ? [] : [`The sale opens ${format.moment(opensAtMs, 0)} UTC.`]
}

function placeOf({ place }: { place?: number }): PlainTexts['facts'] {
  return place === undefined ? [] : [['Your place', format.count(place)]]
}
