/**
 * What a place is worth: the chance that something is left. It is a file of its own because the page has it too, and
 * must not load what parses configurations.
 */

/**
 * The chance, 0 .. 1, that something is left for somebody with `ahead` people before them, each of
 * whom buys with chance `buyShare`: fewer than `left` of them buy (binomial distribution).
 */
export function chanceOfStock(left: number, ahead: number, buyShare: number): number {
  if (left <= 0) return 0
  if (ahead < left || buyShare <= 0) return 1
  if (buyShare >= 1) return 0
  // Terms are summed from the first on, in logarithms: `ahead` may be millions.
  const [logYes, logNo] = [Math.log(buyShare), Math.log1p(-buyShare)]
  let logTerm = ahead * logNo
  let sum = Math.exp(logTerm)
  for (let bought = 1; bought < left; bought++) {
    logTerm += Math.log(ahead - bought + 1) - Math.log(bought) + logYes - logNo
    sum += Math.exp(logTerm)
    // Past the middle the rest adds nothing that a number could show.
    if (bought > ahead * buyShare && logTerm < -40) break
  }
  return Math.min(1, sum)
}
