/** The source of a gate's functions. The room's address may be a token, known only to the deployment. */
import { Token } from 'aws-cdk-lib'
import { type EdgeGateOptions, edgeConfig } from '../../gate/edge/edge-options.ts'
import { edgeRequestSource, edgeResponseSource } from '../../gate/edge/function-source.ts'

/** Stands for an unknown host name. Its first label has the most characters that a label may have. */
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
  if (!Token.isUnresolved(roomUrl)) return sourcesOf(options)
  const standIn = `https://${UNKNOWN_HOST}`
  const { request, response } = sourcesOf({ ...options, roomUrl: standIn })
  const addressed = (source: string) => {
    const own = source.replaceAll(standIn, roomUrl)
    if (!own.includes(UNKNOWN_HOST)) return own
    throw new Error('the source of the gate writes the address of the room in another form')
  }
  return { request: addressed(request), response: addressed(response) }
}

function sourcesOf(options: EdgeGateOptions): EdgeSources {
  const config = edgeConfig(options)
  return { request: edgeRequestSource(config), response: edgeResponseSource(config) }
}
