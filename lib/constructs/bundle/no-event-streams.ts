/**
 * Stands in for `@smithy/core/event-streams` in deployed bundles: 15 KB that the SDK loads when an
 * operation sends or answers an event stream. No operation of DynamoDB, SQS, Secrets
 * Manager or CloudFront's KeyValueStore does.
 */
const never = (): never => {
  throw new Error('this bundle is made for operations without event streams')
}

/** The names that the SDK takes from it. */
export const eventStreamSerdeProvider = never
export const EventStreamSerde = never
