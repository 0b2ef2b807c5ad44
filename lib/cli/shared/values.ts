/** Numbers and times on the command line: checked before anything is sent, and named when wrong. */
import {
  A_TIME,
  aNumber,
  aWholeNumber,
  type Bounds,
  complaintAbout,
} from '../../queue/complaint.ts'
import { instantSchema } from '../../queue/parse.ts'
import { unusable } from './command.ts'
import { printable } from './text.ts'

/** @param name of the option or operand, as people write it. @throws CliError `usage` */
export function wholeNumber(name: string, text: string, bounds: Bounds): number {
  if (isWhole(text) && isWithin(Number(text), bounds)) return Number(text)
  throw wrongValue(name, text, aWholeNumber(bounds))
}

/** @throws CliError `usage` */
export function decimalNumber(name: string, text: string, bounds: Bounds): number {
  if (isDecimal(text) && isWithin(Number(text), bounds)) return Number(text)
  throw wrongValue(name, text, aNumber(bounds))
}

export function isWhole(text: string): boolean {
  return /^-?\d{1,15}$/.test(text)
}

/** Digits with at most a point. JavaScript alone also takes `0x10` and `1e3`, and an empty text for 0. */
export function isDecimal(text: string): boolean {
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)
}

/** A time with its zone, as it was written. @throws CliError `usage` */
export function instant(name: string, text: string): string {
  if (instantSchema.safeParse(text).success) return text
  throw wrongValue(name, text, A_TIME)
}

export function wrongValue(name: string, text: string, allowed: string) {
  return unusable('usage', `${name}: ${complaintAbout(`"${printable(text)}"`, allowed)}`)
}

function isWithin(value: number, { min, max }: Bounds): boolean {
  return value >= min && value <= max
}
