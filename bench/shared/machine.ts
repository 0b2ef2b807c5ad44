/** The machine that figures come from, and what processes on it used. */
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

/** Linux counts processor time in hundredths of a second (`getconf CLK_TCK`). */
const CLOCK_TICK_SECONDS = 0.01

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryMegabytes: number
  readonly node: string
  readonly system: string
}

export function machine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryMegabytes: Math.round(totalmem() / 2 ** 20),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
  }
}

export function machineText(one: Machine = machine()): string {
  const { processor, cores, memoryMegabytes, node, system } = one
  return `${processor}, ${cores} cores, ${memoryMegabytes} MB, ${system}, Node ${node}`
}

/** Resident memory of a process: now, and the most it ever was. NaN where the system does not say. */
export function memoryMegabytes(pid: number): { now: number; most: number } {
  const text = procFile(pid, 'status')
  const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1])
  return { now: kilobytes('VmRSS') / 1024, most: kilobytes('VmHWM') / 1024 }
}

/** Processor time that a process has used so far. NaN where the system does not say. */
export function processorSeconds(pid: number): number {
  const text = procFile(pid, 'stat')
  // The second field is the program's name in brackets and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_SECONDS
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The value below which this share of the figures lies. */
export function percentile(figures: Float64Array, share: number): number {
  const sorted = figures.slice().sort()
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  return sorted[at] ?? Number.NaN
}

function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
