/** The one table: rooms, counters, records, claims, history. */
import { RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, Billing, TableV2, type WarmThroughput } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import { TABLE_KEYS } from '../store/table.ts'

export interface RoomTableProps {
  readonly removalPolicy: RemovalPolicy
  readonly warmThroughput: WarmThroughput | undefined
}

/**
 * On demand, so that it costs nothing while nobody waits. A table that is to be kept is protected
 * against deletion too: it holds places that people were promised, and no second click brings
 * back a deleted table's last minutes.
 */
export function roomTable(scope: Construct, id: string, props: RoomTableProps): TableV2 {
  const { removalPolicy, warmThroughput } = props
  return new TableV2(scope, id, {
    partitionKey: { name: TABLE_KEYS.partition, type: AttributeType.STRING },
    sortKey: { name: TABLE_KEYS.sort, type: AttributeType.STRING },
    timeToLiveAttribute: TABLE_KEYS.timeToLive,
    billing: Billing.onDemand(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy,
    deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    ...(warmThroughput === undefined ? {} : { warmThroughput }),
  })
}
