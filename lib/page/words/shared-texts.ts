/** Texts of both pages, with JavaScript and without. */
import type { Status } from '../../queue/visitor/room-status.ts'
import type { Uninvited } from '../machine/facts.ts'
import type { ShownOdds } from '../machine/odds.ts'
import type { Format } from './format.ts'

/** Why the line is slow; null where it moves as planned. */
export function reasonText(binding: Status['binding']): string | null {
  switch (binding) {
    case 'health':
      return 'The showroom is busy right now, so fewer people are let in for a moment.'
    case 'capacity':
      return 'The showroom is full: somebody is let in whenever somebody leaves.'
    case 'stock':
      return 'Only as many people are let in as can still hope to find something.'
    case 'rate':
    case 'plan':
    case 'pause':
    case null:
      return null
  }
}

export const ODDS_LABEL = 'Chance that something is left for you'

export function oddsText(odds: ShownOdds, format: Format): string {
  switch (odds.kind) {
    case 'none':
      return 'Practically none'
    case 'good':
      return 'Good'
    case 'about':
      return `About ${format.percent(odds.chance)}`
    case 'at-most':
      return `At most ${format.percent(odds.chance)}`
    case 'at-least':
      return `At least ${format.percent(odds.chance)}`
    case 'between':
      return `${format.percent(odds.from)} to ${format.percent(odds.to)}`
  }
}

/** For those who have practically no chance left. */
export const HOPELESS =
  'So many people are before you that practically nothing will be left at your turn. There is no need to stay; if you do, this page still takes you in at your turn.'

/** For those who have had their turn, or came to a closed room. */

export const HELD = {
  heading: 'The next free seat is yours',
  lead: [
    'It is your turn, and every seat in the showroom is taken just now. As soon as one is free, this page takes you in by itself.',
    'Keep it open; there is nothing else to do. Your turn is kept, however long this takes.',
  ],
} as const

export const MISSED = {
  heading: 'Your turn has passed',
  lead: [
    'Your place came up, and its time ran out before you went in. But your ticket is kept: this page takes you in by itself as soon as there is a seat to spare.',
    'Keep it open; there is nothing else to do.',
  ],
} as const

export const CLOSED = {
  heading: 'Closed for the moment',
  lead: [
    'Something is being put right here, and nobody is let in meanwhile. This page looks again by itself every minute or two, and goes on as soon as the room is open.',
  ],
} as const

export const PLACE_KEPT = 'Your place is kept.'

export interface UninvitedTexts {
  readonly heading: string
  readonly lead: readonly string[]
  /** On the button or link to the room's own line. */
  readonly action: string
}

const GENERAL = 'The general line is open to everybody.'

export function uninvitedTexts(problem: Uninvited): UninvitedTexts {
  const says = (heading: string, ...lead: string[]): UninvitedTexts => ({
    heading,
    lead: [...lead, GENERAL],
    action: 'Join the general line',
  })
  switch (problem) {
    case 'invitation-needed':
      return says(
        'This line is by invitation',
        'If you have an invitation, please open its link once more.',
      )
    case 'bad-invitation':
      return says(
        'This invitation is not good here',
        'Its link may have been cut off on the way, or it is for another sale. Please open it once more, whole.',
      )
    case 'invitation-expired':
      return says('This invitation has expired', 'Its time is over. We are sorry.')
    case 'invitation-used':
      return says(
        'This invitation has been used',
        'Each invitation is good for one ticket, and that one was given to another browser. If it was yours, please go on there.',
      )
  }
}
