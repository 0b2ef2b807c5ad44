/**
 * Stands in for `@aws-sdk/credential-provider-node` in deployed bundles. Lambda gives a function
 * its role's credentials in the environment, always; the SDK's own chain also carries profiles,
 * single sign-on and instance metadata, 130 KB that a function never runs and every cold start
 * loads.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** The name and shape that the SDK's clients import. */
export function defaultProvider(): () => Promise<Credentials> {
  return async () => {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = process.env
    if (!accessKeyId || !secretAccessKey) {
      throw new Error('no AWS credentials in the environment: this bundle is made for Lambda')
    }
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
  }
}
