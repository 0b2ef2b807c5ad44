/** As much of Secrets Manager as rotations need, over HTTP: versions by their ids. */
import { createServer } from 'node:http'
import { onTestFinished, vi } from 'vitest'
import { listening } from './support.ts'

export const ARN = 'arn:aws:secretsmanager:eu-west-3:111122223333:secret:master-a1b2c3'

export interface FakeSecrets {
  /** The text of the present version. */
  text(): string
  /** Somebody else writes a version, or time goes by. */
  put(text: string): void
  setNow(nowMs: number): void
  /** Called after each reading. */
  onRead: () => void
  /** The region that the last request was signed for. */
  region(): string
  /** Answers everything with this error from now on. */
  fail(type: string): void
}

/** @param text the first version; the SDK finds the server by its environment variable. */
export async function fakeSecrets(text: string, nowMs: number): Promise<FakeSecrets> {
  const versions = new Map([['first', { text, sinceMs: nowMs }]])
  let present = 'first'
  let atMs = nowMs
  let region = ''
  let failure: string | undefined
  const now = () => versions.get(present) ?? { text: '', sinceMs: 0 }
  const keep = (id: string, newText: string) => {
    versions.set(id, { text: newText, sinceMs: atMs })
    present = id
  }
  const secrets: FakeSecrets = {
    text: () => now().text,
    put: newText => keep(`other-${versions.size}`, newText),
    setNow: ms => {
      atMs = ms
    },
    onRead: () => {},
    region: () => region,
    fail: type => {
      failure = type
    },
  }
  const server = createServer(async (incoming, outgoing) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    const { SecretString = '', ClientRequestToken = '' } = JSON.parse(body)
    const target = String(incoming.headers['x-amz-target'])
    region =
      /\/([a-z0-9-]+)\/secretsmanager\//.exec(incoming.headers.authorization ?? '')?.[1] ?? ''
    const answer = (status: number, content: object) => {
      outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
      outgoing.end(JSON.stringify(content))
    }
    if (failure !== undefined) return answer(400, { __type: failure, message: 'no' })
    if (target.endsWith('GetSecretValue')) {
      const { text: SecretString, sinceMs } = now()
      answer(200, { SecretString, VersionId: present, CreatedDate: sinceMs / 1000 })
      return secrets.onRead()
    }
    const known = versions.get(ClientRequestToken)
    if (known !== undefined && known.text !== SecretString) {
      return answer(400, { __type: 'ResourceExistsException', message: 'another content' })
    }
    if (known === undefined) keep(ClientRequestToken, SecretString)
    answer(200, { VersionId: ClientRequestToken })
  })
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', await listening(server))
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  onTestFinished(() => void vi.unstubAllEnvs())
  return secrets
}
