/** The source of a gate's functions for a room whose address only the deployment knows. */
import { Token } from 'aws-cdk-lib'
import { edgeGateSource, edgeToldSource } from '../gate/edge/build.ts'
import { type EdgeGateOptions, edgeConfig } from '../gate/edge/options.ts'

/** As long as a label of a host name may be: the source has room for whatever address it becomes. */
const UNKNOWN_HOST = `${'x'.repeat(63)}.cloudfront.example`

export interface EdgeSources {
  /** For viewer requests. */
  readonly request: string
  /** For viewer responses. */
  readonly response: string
}

/**
 * @param options `roomUrl` may be a token, nothing else may.
 * @throws Error that names every option that is wrong, or says that the source is too long.
 */
export function edgeSources(options: EdgeGateOptions): EdgeSources {
  const { roomUrl } = options
  const isKnown = !Token.isUnresolved(roomUrl)
  const standIn = `https://${UNKNOWN_HOST}`
  const config = edgeConfig(isKnown ? options : { ...options, roomUrl: standIn })
  const addressed = (source: string) => (isKnown ? source : source.replaceAll(standIn, roomUrl))
  return {
    request: addressed(edgeGateSource(config)),
    response: addressed(edgeToldSource(config)),
  }
}
