/** Checks the names of options where no compiler does: a misspelt one would do nothing. */

/** Each name of the options once. Where one is missing it does not compile. */
export type NamesOf<Options> = Readonly<Record<keyof Options, true>>

/**
 * What is wrong with the names in an object, if anything is.
 * @param kind what a name stands for: `option`, `prop`.
 * @param path what is in front of each name, such as `beacon.`.
 */
export function nameComplaint(
  kind: string,
  given: object,
  known: readonly string[],
  path = '',
): string | undefined {
  const unknown = Object.keys(given).filter(name => !known.includes(name))
  if (unknown.length === 0) return undefined
  const names = unknown.map(name => `${path}${name}`).join(', ')
  return `${names}: no such ${kind}; ${known.join(', ')} are allowed`
}
