/** What both pages say of why the line is slow, and of what a place in it is worth. */
import type { Status } from '../queue/status.ts'
import type { Format } from './format.ts'
import type { ToldOdds } from './odds.ts'

/** Null where the reason is the plan itself: a line that moves as it should needs no excuse. */
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

export function oddsText(odds: ToldOdds, format: Format): string {
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

/** For those who wait on without a chance. */
export const HOPELESS =
  'So many people are before you that practically nothing will be left at your turn. There is no need to stay; if you do, this page still takes you in at your turn.'
