/** Text for people: in columns, and without control characters. */

/** Rows with their columns aligned on the left. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    })
  }
  return rows
    .map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map(line => line.trimEnd())
    .join('\n')
}

/** A text from outside on one line: control characters could move a terminal's cursor or colours. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u00b7')
}

/** Any value of a JSON answer, for one cell. Null and lists that are empty are a hyphen. */
export function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(', ')
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** A time in milliseconds, for people and scripts alike; whole seconds show no fraction. */
export function timeText(timeMs: number | null): string {
  if (timeMs === null || Number.isNaN(new Date(timeMs).getTime())) return '-'
  return new Date(timeMs).toISOString().replace('.000Z', 'Z')
}
