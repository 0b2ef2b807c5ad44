/** As much of Secrets Manager as the functions call: one secret, made as the stack has it made. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { bytesOf, closeServer, listenLocally } from './http.ts'
import type { Resolved } from './template.ts'

export interface Secrets {
  readonly endpoint: string
  /** What was made. */
  readonly text: string
  close(): Promise<void>
}

export async function startSecrets(secret: Resolved): Promise<Secrets> {
  const text = generated(secret.properties.GenerateSecretString)
  const VersionId = '1f9e8d7c-0000-4000-8000-123456789012'
  const server = createServer(async (asked, answer) => {
    const reply = (status: number, content: object) => {
      answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
      answer.end(JSON.stringify(content))
    }
    const { SecretId } = JSON.parse(String(await bytesOf(asked)))
    if (asked.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') {
      return reply(400, { __type: 'UnknownOperationException' })
    }
    if (SecretId !== secret.ref) return reply(400, { __type: 'ResourceNotFoundException' })
    reply(200, {
      ARN: secret.ref,
      Name: secret.id,
      SecretString: text,
      VersionId,
      VersionStages: ['AWSCURRENT'],
      CreatedDate: Date.now() / 1000,
    })
  })
  const port = await listenLocally(server)
  return { endpoint: `http://127.0.0.1:${port}`, text, close: () => closeServer(server) }
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
function generated(by: {
  readonly SecretStringTemplate: string
  readonly GenerateStringKey: string
  readonly PasswordLength: number
}): string {
  const password = randomBytes(by.PasswordLength).toString('hex').slice(0, by.PasswordLength)
  return JSON.stringify({
    ...JSON.parse(by.SecretStringTemplate),
    [by.GenerateStringKey]: password,
  })
}
