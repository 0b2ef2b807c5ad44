/** One thing that was to be reached. */
export interface Target {
  readonly what: string
  readonly measured: number
  readonly wanted: string
  readonly met: boolean
}

export function atLeast(what: string, measured: number, bound: number): Target {
  return { what, measured, wanted: `at least ${bound}`, met: measured >= bound }
}

export function atMost(what: string, measured: number, bound: number): Target {
  return { what, measured, wanted: `at most ${bound}`, met: measured <= bound }
}

export function targetLines(targets: readonly Target[]): string[] {
  return targets.map(
    ({ what, measured, wanted, met }) =>
      `${met ? 'met   ' : 'MISSED'}  ${what}: ${shown(measured)} (${wanted})`,
  )
}

function shown(figure: number): string {
  return Number.isInteger(figure) ? String(figure) : String(Number(figure.toPrecision(3)))
}
