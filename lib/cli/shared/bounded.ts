/** Reads what comes from outside, up to a length. */

/** @param tooLong the error for more than `bytesMax`. */
export async function readAtMost(
  bytesMax: number,
  chunks: AsyncIterable<Uint8Array>,
  tooLong: () => Error,
): Promise<Buffer> {
  const read: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > bytesMax) throw tooLong()
    read.push(chunk)
  }
  return Buffer.concat(read)
}
