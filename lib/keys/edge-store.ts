/** The key value store of a gate at the edge: a port, and how a value in it is changed. */

export interface EdgeStore {
  /** A value, and the version of the whole store just before it was read. */
  read(key: string): Promise<EdgeValue>
  /**
   * Writes a value, or takes it away where it is undefined. `lost`: somebody wrote to the store after
   * that version, and nothing was changed.
   */
  write(key: string, text: string | undefined, version: string): Promise<'written' | 'lost'>
}

export interface EdgeValue {
  /** Undefined where the store has no such key. */
  readonly text: string | undefined
  readonly version: string
}

/** Two may write at once, an operator and a function that runs every five minutes, and one of them wins. */
export const EDGE_WRITE_TRIES_MAX = 5

/**
 * Reads a value, changes it, and writes it unless others wrote meanwhile: then it begins again.
 * @param change gives the new value. The same one writes nothing: a write costs a tenth of a cent.
 * @throws Error when others were faster each time.
 */
export async function changeEdgeValue(
  store: EdgeStore,
  key: string,
  change: (text: string | undefined) => string | undefined,
): Promise<'written' | 'unchanged'> {
  for (let tries = 0; tries < EDGE_WRITE_TRIES_MAX; tries++) {
    const { text, version } = await store.read(key)
    const changed = change(text)
    if (changed === text) return 'unchanged'
    if ((await store.write(key, changed, version)) === 'written') return 'written'
  }
  throw new Error(`others wrote to the key value store ${EDGE_WRITE_TRIES_MAX} times meanwhile`)
}
