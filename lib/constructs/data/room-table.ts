/** The one table: rooms, counters, records, claims, history. */
import { RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, Billing, TableV2, type WarmThroughput } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import { TABLE_KEYS } from '../../store/table.ts'
import { refuse, requireWhole } from '../props/refuse.ts'

export interface RoomTableProps {
  readonly removalPolicy: RemovalPolicy
  readonly warmThroughput: WarmThroughput | undefined
}

/**
 * At least what a new table bears by itself: DynamoDB takes no less. Above 40,000, the quota of an
 * account, AWS has to be asked first.
 */
const WARM_READS = { min: 12_000, max: 1_000_000 }
const WARM_WRITES = { min: 4_000, max: 1_000_000 }

/**
 * On demand: it costs nothing while nobody waits. With `RETAIN` it is protected against deletion too,
 * because it holds the places that people were promised.
 */
export function roomTable(scope: Construct, id: string, props: RoomTableProps): TableV2 {
  const { removalPolicy, warmThroughput } = props
  if (warmThroughput !== undefined) checkWarmth(warmThroughput)
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

function checkWarmth({ readUnitsPerSecond, writeUnitsPerSecond }: WarmThroughput): void {
  if (readUnitsPerSecond === undefined && writeUnitsPerSecond === undefined) {
    refuse('warmThroughput', 'nothing', 'readUnitsPerSecond, writeUnitsPerSecond or both')
  }
  if (readUnitsPerSecond !== undefined) {
    requireWhole('warmThroughput.readUnitsPerSecond', readUnitsPerSecond, WARM_READS)
  }
  if (writeUnitsPerSecond !== undefined) {
    requireWhole('warmThroughput.writeUnitsPerSecond', writeUnitsPerSecond, WARM_WRITES)
  }
}
