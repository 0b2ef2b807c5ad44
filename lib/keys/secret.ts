/** The master secret in AWS Secrets Manager, as it is read. */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

export interface SecretVersion {
  readonly text: string
  readonly id: string
  /** Since when the secret is as it is. */
  readonly sinceMs: number
}

/** The text alone: when an instance starts, and again while it lives. */
export async function readSecret(client: SecretsManagerClient, secretId: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }))
  return textOf(SecretString)
}

/** The present version. */
export async function readSecretVersion(
  client: SecretsManagerClient,
  secretId: string,
): Promise<SecretVersion> {
  const command = new GetSecretValueCommand({ SecretId: secretId })
  const { SecretString, VersionId: id, CreatedDate } = await client.send(command)
  if (id === undefined) throw new Error('the master secret has no version')
  return { text: textOf(SecretString), id, sinceMs: CreatedDate?.getTime() ?? Date.now() }
}

/** Options of a client: the region that an ARN names. A plain name is of the environment's region. */
export function regionOf(secretId: string): { region?: string } {
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(secretId)?.[1]
  return region === undefined ? {} : { region }
}

function textOf(text: string | undefined): string {
  if (text === undefined) throw new Error('the master secret has no text')
  return text
}
