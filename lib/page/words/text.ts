/** What every text of the page is made of. */
import type { Format } from './format.ts'

export const LOCALE = 'en-GB'

/** A label, its value, and what else is to be said of it. */
export type Fact = readonly [label: string, value: string, detail?: string]

/** What a view says. */
export interface Texts {
  /** Of the document: what a tab shows. */
  readonly title: string
  readonly heading: string
  /** The one large number, with what it counts. */
  readonly figure: { readonly value: string; readonly caption: string } | null
  readonly facts: readonly Fact[]
  readonly lead: readonly string[]
  /** On the button; null for none. */
  readonly action: string | null
  /** Read out when it changes: never each second. */
  readonly announcement: string
  /** The same of its own: a change of it does not repeat the other. Empty for none. */
  readonly remark: string
}

export interface TextOptions {
  readonly nowMs: number
  readonly format?: Format
}
