/** The words of the page, in English; with the other texts modules, all there is to translate. */

import type { Notice, View } from '../machine/view.ts'
import { createFormat, type Format } from './format.ts'
import { CLOSED, HELD, MISSED, PLACE_KEPT, uninvitedTexts } from './shared-texts.ts'
import { type Fact, LOCALE, type TextOptions, type Texts } from './text.ts'
import { people, waitingTexts } from './waiting-texts.ts'

const GO_IN = 'Go in now'

export function textsOf(view: View, options: TextOptions): Texts {
  const { nowMs, format = createFormat(LOCALE) } = options
  const known = { nowMs, format }
  switch (view.state) {
    case 'arriving':
      return plain('One moment', ['You are being put in line.'], 'Waiting room')
    case 'scheduled':
      return {
        ...plain('The doors are still closed', [
          'Stay here: this page joins by itself as soon as the doors open.',
        ]),
        ...opening(
          view,
          { heading: 'The doors are still closed', caption: 'until the sale' },
          known,
        ),
      }
    case 'gathering':
      return {
        ...plain('You are in', [
          'The order is drawn at the opening, among everybody who is here by then. Having come earlier gives no advantage, and reloading changes nothing.',
        ]),
        ...opening(view, { heading: 'You are in', caption: 'until the opening' }, known),
        facts: inTheRoom(view.here, format),
      }
    case 'drawing':
      return {
        ...plain('You are in', [
          'Your place is about to be drawn, together with everybody who came in the same few seconds. Being a blink faster decides nothing.',
        ]),
        title: 'You are in',
        facts: inTheRoom(view.waiting, format),
      }
    case 'waiting':
      return waitingTexts(view, nowMs, format)
    case 'turn':
      return {
        ...plain('It is your turn', ['The door opens for you. One moment.'], 'It is your turn!'),
        action: GO_IN,
      }
    case 'held':
      return {
        ...plain(HELD.heading, HELD.lead),
        facts: placeFact(view.place, format),
      }
    case 'open-way':
      return {
        ...plain('The door is open', [
          'Nobody is waiting: you go straight in. If nothing happens, use the button.',
        ]),
        action: GO_IN,
      }
    case 'entering':
      return {
        ...plain(
          'It is your turn',
          ['You are going in. If nothing happens, use the button.'],
          'It is your turn!',
        ),
        action: GO_IN,
      }
    case 'returned':
      return {
        ...plain(
          'Welcome back',
          ['You have just been let in. While your turn lasts, you can go in again.'],
          'Go in again?',
        ),
        action: GO_IN,
      }
    case 'missed':
      return {
        ...plain(MISSED.heading, MISSED.lead),
        facts: placeFact(view.place, format),
      }
    case 'entered':
      return plain('You have been in', [
        'This browser’s ticket has been used to walk in. Each ticket opens the door once.',
      ])
    case 'refused-address':
      return {
        ...plain(
          'It is your turn',
          [
            'But the link that brought you here leads back to an address that does not belong to this showroom, so we do not send you there. You can go to the showroom’s entrance instead.',
          ],
          'It is your turn!',
        ),
        action: 'Go to the entrance',
      }
    case 'paused':
      return {
        ...plain('The line is paused', [
          'Nobody is being let in for the moment. Your place is kept, and this page goes on by itself.',
        ]),
        title: 'Paused',
        facts: [
          ...placeFact(view.place, format),
          ...(view.ahead === null ? [] : [['Ahead of you', format.count(view.ahead)] as const]),
        ],
      }
    case 'closed':
      return {
        ...plain(CLOSED.heading, [...CLOSED.lead, ...(view.hasTicket ? [PLACE_KEPT] : [])]),
        facts: placeFact(view.place, format),
      }
    case 'sold-out':
      return {
        ...plain(
          'Sold out',
          [
            'Everything is gone. We are sorry that it did not reach as far as you, and thank you for waiting.',
            'There is no need to stay. Should something come back while this page is open, it will tell you.',
          ],
          'Sold out',
        ),
        facts: placeFact(view.place, format),
      }
    case 'ended':
      return plain('This sale is over', ['Thank you for having been here.'])
    case 'unknown-room':
      return plain('There is no such room', [
        'The address may be misspelt, or the sale is not announced yet. Please follow the showroom’s own link.',
      ])
    case 'cookies-needed':
      return {
        ...plain('Your browser keeps no cookies', [
          'Your place in line is kept in a cookie of this site, and in nothing else. Please allow it, then try again.',
        ]),
        action: 'Try again',
      }
    case 'uninvited': {
      const { heading, lead, action } = uninvitedTexts(view.problem)
      return { ...plain(heading, lead), action }
    }
  }
}

/** A line above everything, while something is amiss. */
export function noticeText(notice: Notice): string {
  switch (notice) {
    case 'offline':
      return 'You are offline. Your place is kept; this page goes on when you are back.'
    case 'busy':
      return 'Very many people are arriving. We keep trying for you; there is no need to reload.'
    case 'unreachable':
      return 'The room does not answer just now. Your place is kept, and we keep trying.'
    case 'new-ticket':
      return 'Your browser no longer had its ticket, so it got a new one, with a new place.'
  }
}

export const PROOF_TEXTS = {
  kept: 'Computed and checked by your own browser',
  broken: 'Your browser could not confirm this place',
  explained:
    'Your ticket carried a sealed promise (the commitment) before anybody could know the order. When your group was drawn, the seed was revealed. Your browser has checked that the seed fits the promise, and has computed your place from it. Nobody chose it, and anybody can recompute it.',
  warned:
    'The revealed seed does not fit the promise in your ticket. You keep your place; please tell the organiser, and keep the facts below.',
} as const

function plain(heading: string, lead: readonly string[], title = heading): Texts {
  return {
    title,
    heading,
    figure: null,
    facts: [],
    lead,
    action: null,
    announcement: heading,
    remark: '',
  }
}

function opening(
  { opensAtMs, untilMs }: { opensAtMs: number | null; untilMs: number | null },
  { heading, caption }: { heading: string; caption: string },
  { nowMs, format }: Required<TextOptions>,
): Pick<Texts, 'title' | 'figure' | 'announcement'> {
  if (opensAtMs === null || untilMs === null) {
    return { title: heading, figure: null, announcement: `${heading}. The opening is near.` }
  }
  if (untilMs === 0) {
    return { title: 'Opening', figure: null, announcement: 'The sale opens now.' }
  }
  const value = format.countdown(untilMs)
  const moment = format.moment(opensAtMs, nowMs)
  return {
    title: `${value} · ${heading}`,
    figure: { value, caption: `${caption} ${moment}` },
    announcement: `${heading}. The sale opens ${moment}.`,
  }
}

/** The reader is in the room, too: a count of 0 is out of date. */
function inTheRoom(count: number, format: Format): readonly Fact[] {
  return count === 0 ? [] : [['In the room', people(count, format)]]
}

function placeFact(place: number | null, format: Format): readonly Fact[] {
  return place === null ? [] : [['Your place', format.count(place)]]
}
