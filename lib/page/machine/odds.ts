/** What a place is worth: the chance that something is left when its turn comes. */
import { chanceOfStock } from '../../queue/stock/odds.ts'
import type { Facts, Odds } from './facts.ts'
import { ODDS_GOOD_GAP, ODDS_NONE, ODDS_STOCK_MAX, ODDS_WIDE } from './limits.ts'
import { aheadByStatus } from './line.ts'

/** By the last status; null while nobody can say, or the goods are too many to count one by one. */
export function oddsOf({ status, drawn, front }: Facts): Odds | null {
  if (status === null || drawn === null || status.odds === null) return null
  const { stock, odds } = status
  if (stock === null || stock > ODDS_STOCK_MAX) return null
  const before = aheadByStatus(drawn, front) + odds.before
  // The more of the others buy, the less is left.
  return {
    low: chanceOfStock(stock, before, odds.high),
    chance: chanceOfStock(stock, before, odds.buyShare),
    high: chanceOfStock(stock, before, odds.low),
  }
}

/** Odds as they are shown, rounded. */
export type ShownOdds =
  | { kind: 'none' }
  | { kind: 'good' }
  | { kind: 'about'; chance: number }
  | { kind: 'at-most'; chance: number }
  | { kind: 'at-least'; chance: number }
  | { kind: 'between'; from: number; to: number }

export function shownOdds({ low, chance, high }: Odds): ShownOdds {
  if (high < ODDS_NONE) return { kind: 'none' }
  if (low > 1 - ODDS_GOOD_GAP) return { kind: 'good' }
  if (high - low > ODDS_WIDE) {
    if (low < ODDS_NONE) return { kind: 'at-most', chance: rounded(high) }
    if (high > 1 - ODDS_GOOD_GAP) return { kind: 'at-least', chance: rounded(low) }
    return { kind: 'between', from: rounded(low), to: rounded(high) }
  }
  if (chance < ODDS_NONE) return { kind: 'none' }
  return chance > 1 - ODDS_GOOD_GAP ? { kind: 'good' } : { kind: 'about', chance: rounded(chance) }
}

/** To five percent; below ten percent to one. */
function rounded(chance: number): number {
  const percent = chance * 100
  return (percent < 10 ? Math.max(1, Math.round(percent)) : Math.round(percent / 5) * 5) / 100
}
