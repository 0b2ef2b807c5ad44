/** What happened in a run, line by line: a fingerprint of all of it, and the last lines as text. */
export interface Trace {
  note(line: string): void
  /** The same for two runs only if every line was the same. */
  fingerprint(): string
  /** The last lines, oldest first. */
  lines(): readonly string[]
}

/** @param keep how many of the last lines are kept; Infinity: all. */
export function createTrace(nowMs: () => number, keep: number): Trace {
  const kept: string[] = []
  // FNV-1a, twice with other starts: 64 bits in all.
  let [a, b] = [0x811c9dc5, 0x1000193]
  return {
    note(line) {
      const atMs = nowMs()
      a = Math.imul(a ^ atMs, 0x01000193)
      for (let at = 0; at < line.length; at++) {
        const code = line.charCodeAt(at)
        a = Math.imul(a ^ code, 0x01000193)
        b = Math.imul(b ^ code, 0x01000193) + atMs
      }
      if (keep === 0) return
      kept.push(`${(atMs / 1000).toFixed(3).padStart(9)} s  ${line}`)
      if (kept.length > 2 * keep) kept.splice(0, kept.length - keep)
    },
    fingerprint: () => [a, b].map(half => (half >>> 0).toString(16).padStart(8, '0')).join(''),
    lines: () => (keep === Number.POSITIVE_INFINITY ? kept : kept.slice(-keep)),
  }
}
