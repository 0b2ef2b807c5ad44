import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { keyValueStore } from '../lib/keys/key-value-store.ts'
import { readSecretVersion, regionOf } from '../lib/keys/secret.ts'
import { variable } from '../lib/runtime/environment.ts'
import { sleep } from '../lib/service/edge-keys/edge-keys.ts'
import { edgeKeysHandler } from '../lib/service/edge-keys/handler.ts'

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
