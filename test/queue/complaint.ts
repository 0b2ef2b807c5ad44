import { expect } from 'vitest'
import { AntichambreError } from '../../lib/queue/errors.ts'

/** What a refused configuration is told. */
export function complaint(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (!(error instanceof AntichambreError)) throw error
    expect(error).toMatchObject({ code: 'bad-request', status: 400 })
    return error.message
  }
  throw new Error('nothing was refused')
}
