/** Headers and cookies as CloudFront takes them apart. */
import type { EdgeFields } from './runtime.ts'

/** All values of a header or cookie, in their order; none where there is none. */
export function valuesOf(fields: EdgeFields, name: string): string[] {
  const field = fields[name]
  return field ? (field.multiValue || [field]).map(one => one.value) : []
}

/** A header, all lines of it in one (RFC 9110 section 5.3); empty where there is none. */
export function headerOf(headers: EdgeFields, name: string): string {
  const field = headers[name]
  return field && !field.multiValue ? field.value : valuesOf(headers, name).join(', ')
}
