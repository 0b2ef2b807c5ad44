/** Numbers and times on the command line: checked before anything is sent, and named when wrong. */
import * as z from 'zod/mini'
import { unusable } from './command.ts'
import { printable } from './text.ts'

interface Bounds {
  readonly min: number
  readonly max: number
}

/** @param name of the option or operand, as people write it. @throws CliError `usage` */
export function wholeNumber(name: string, text: string, { min, max }: Bounds): number {
  const value = Number(text)
  if (/^-?\d{1,15}$/.test(text) && value >= min && value <= max) return value
  throw came(name, text, `a whole number from ${min} to ${max}`)
}

/** @throws CliError `usage` */
export function decimalNumber(name: string, text: string, { min, max }: Bounds): number {
  const value = Number(text)
  if (isDecimal(text) && value >= min && value <= max) return value
  throw came(name, text, `a number from ${min} to ${max}`)
}

/** Digits with a point at most: JavaScript alone takes `0x10` or `1e3` for numbers, or nothing for 0. */
export function isDecimal(text: string): boolean {
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)
}

/** A time with its zone, as it was written. @throws CliError `usage` */
export function instant(name: string, text: string): string {
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return text
  throw came(name, text, 'a time with its zone, such as 2026-12-01T06:00:00Z,')
}

/** "came, allowed": the wrong thing and what would be right. */
export function came(name: string, text: string, allowed: string) {
  return unusable('usage', `${name}: "${printable(text)}" came, ${allowed} is allowed`)
}
