/** CloudFront's KeyValueStore by its data API. */
import {
  CloudFrontKeyValueStoreClient,
  DeleteKeyCommand,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  PutKeyCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore'
// The API is signed for all regions at once (SigV4A). The client takes the signer that was imported: this
// one is plain JavaScript, the other one (`@aws-sdk/signature-v4-crt`) some megabytes of native code.
import '@aws-sdk/signature-v4a'
import type { EdgeStore } from './edge-store.ts'

/**
 * The store is everywhere and its address follows from its ARN; the client wants a region all the same.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html
 */
export const KEY_VALUE_STORE_CLIENT = { region: 'us-east-1' }

export function keyValueStore(
  KvsARN: string,
  client = new CloudFrontKeyValueStoreClient(KEY_VALUE_STORE_CLIENT),
): EdgeStore {
  return {
    // The version first: after a write between the two calls it is too old, never too new.
    async read(Key) {
      const { ETag } = await client.send(new DescribeKeyValueStoreCommand({ KvsARN }))
      if (ETag === undefined) throw new Error('the key value store has no version')
      try {
        const { Value } = await client.send(new GetKeyCommand({ KvsARN, Key }))
        return { text: Value, version: ETag }
      } catch (error) {
        if (isNamed(error, 'ResourceNotFoundException')) return { text: undefined, version: ETag }
        throw error
      }
    },
    async write(Key, Value, IfMatch) {
      try {
        await (Value === undefined
          ? client.send(new DeleteKeyCommand({ KvsARN, Key, IfMatch }))
          : client.send(new PutKeyCommand({ KvsARN, Key, Value, IfMatch })))
        return 'written'
      } catch (error) {
        if (isNamed(error, 'ConflictException')) return 'lost'
        throw error
      }
    },
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}
