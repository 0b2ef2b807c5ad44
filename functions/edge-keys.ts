import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { sleep } from '../lib/room/edge-keys.ts'
import { edgeKeysHandler } from '../lib/room/edge-keys-handler.ts'
import { variable } from '../lib/store/environment.ts'
import { keyValueStore } from '../lib/store/key-value-store.ts'
import { readSecretVersion, regionOf } from '../lib/store/secret.ts'

const storeArn = variable(process.env, 'edgeStore')
const secretArn = variable(process.env, 'masterSecret')
// The room may be in another region than the stack of its gate.
const secrets = new SecretsManagerClient(regionOf(secretArn))

/** Gate keys for the key value store: from CloudFormation, and from the scheduled rule. */
export const handler = edgeKeysHandler({
  readSecret: () => readSecretVersion(secrets, secretArn),
  store: keyValueStore(storeArn),
  storeArn,
  now: Date.now,
  sleep,
})
