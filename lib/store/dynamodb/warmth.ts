/** How many writes a second the table bears at once, as DynamoDB says. Operators ask before a sale. */
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'

/** Writes a second; undefined where the database does not say. */
export async function warmWrites(table: string): Promise<number | undefined> {
  const client = new DynamoDBClient({})
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }))
    return Table?.WarmThroughput?.WriteUnitsPerSecond
  } finally {
    client.destroy()
  }
}
