/** The master secret's versions in AWS Secrets Manager: for whoever rotates it, never for a function. */
import { createHash } from 'node:crypto'
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'

export interface SecretVersion {
  readonly text: string
  readonly id: string
  readonly sinceMs: number
}

export interface SecretVersions {
  read(): Promise<SecretVersion>
  /**
   * Writes the version after the one that was seen. `lost`: somebody else wrote one after it, and
   * nothing was changed. The version before it stays in Secrets Manager as `AWSPREVIOUS`.
   */
  write(text: string, seen: SecretVersion): Promise<'written' | 'lost'>
}

/** @param secretId an ARN, which says its region too, or a name in the environment's region. */
export function secretVersions(secretId: string): SecretVersions {
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(secretId)?.[1]
  const client = new SecretsManagerClient(region === undefined ? {} : { region })
  const read = async () => {
    const command = new GetSecretValueCommand({ SecretId: secretId })
    const { SecretString: text, VersionId: id, CreatedDate } = await client.send(command)
    if (text === undefined || id === undefined) throw new Error('the master secret has no text')
    return { text, id, sinceMs: CreatedDate?.getTime() ?? Date.now() }
  }
  return {
    read,
    async write(text, seen) {
      // Each version has one successor: its id is made of the id before it, and Secrets Manager
      // refuses another content under the same id.
      const ClientRequestToken = createHash('sha256').update(`after ${seen.id}`).digest('hex')
      if ((await read()).id !== seen.id) return 'lost'
      try {
        await client.send(
          new PutSecretValueCommand({ SecretId: secretId, SecretString: text, ClientRequestToken }),
        )
        return 'written'
      } catch (error) {
        if (error instanceof Error && error.name === 'ResourceExistsException') return 'lost'
        throw error
      }
    },
  }
}
