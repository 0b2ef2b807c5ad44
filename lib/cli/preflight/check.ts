/** One thing that was looked at before a sale, and what to do about it. */
export interface Check {
  readonly check: string
  /**
   * `look`: it may be intended. `failed`: the sale would go wrong. `unchecked`: it cannot be looked at
   * from here.
   */
  readonly status: 'ok' | 'look' | 'failed' | 'unchecked'
  readonly says: string
  /** What to do; undefined where nothing is to be done. */
  readonly todo: string | undefined
}

export function ok(check: string, says: string): Check {
  return { check, status: 'ok', says, todo: undefined }
}

export function look(check: string, says: string, todo: string): Check {
  return { check, status: 'look', says, todo }
}

export function failed(check: string, says: string, todo: string): Check {
  return { check, status: 'failed', says, todo }
}

export function unchecked(check: string, says: string, todo: string): Check {
  return { check, status: 'unchecked', says, todo }
}
