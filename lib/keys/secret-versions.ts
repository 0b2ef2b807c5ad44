/** The master secret's versions in AWS Secrets Manager, for `keys rotate`. No function uses this. */
import { createHash } from 'node:crypto'
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { readSecretVersion, regionOf, type SecretVersion } from './secret.ts'

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
  const client = new SecretsManagerClient(regionOf(secretId))
  const read = () => readSecretVersion(client, secretId)
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
