/** What the functions' processes printed, read as CloudWatch would read it. */
import type { Printed } from '../support/cloud/lambda.ts'

/** Numbers and words that are in every line by chance are no secret. */
const SECRET_CHARS_MIN = 12

/** Lines that hold what no log may hold (failure mode 42): something of the walk, or of its form. */
export function leaks(printed: readonly Printed[], secrets: Iterable<string>): string[] {
  const known = [...secrets].filter(secret => secret.length >= SECRET_CHARS_MIN)
  return printed
    .map(({ line }) => line)
    .filter(line => FORMS.some(form => form.test(line)) || known.some(one => line.includes(one)))
}

/** Signed tokens, credentials, cookies, whole requests, and addresses with a query. */
const FORMS = [
  /eyJ[\w-]{5}/,
  /bearer\s/i,
  /\b(?:AKIA|ASIA)\w{8}/,
  /x-amz-security-token|authorization/i,
  /cookie/i,
  /rawQueryString|requestContext|receiptHandle/,
  /[?&][\w-]+=/,
]

export interface MetricLine {
  readonly functionName: string
  readonly line: Readonly<Record<string, unknown>>
  readonly namespace: string
  readonly dimensions: readonly string[]
  readonly metrics: readonly string[]
}

/**
 * Lines in the embedded metric format. @throws SyntaxError for a line that is no JSON: CloudWatch would
 * find nothing in it.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLines(printed: readonly Printed[]): MetricLine[] {
  return printed.flatMap(({ functionName, line: text }) => {
    const line = JSON.parse(text)
    const directives: readonly Directive[] = line._aws?.CloudWatchMetrics ?? []
    return directives.map(({ Namespace, Dimensions: [dimensions = []], Metrics }) => ({
      functionName,
      line,
      namespace: Namespace,
      dimensions,
      metrics: Metrics.map(({ Name }) => Name),
    }))
  })
}

interface Directive {
  readonly Namespace: string
  readonly Dimensions: readonly (readonly string[])[]
  readonly Metrics: readonly { readonly Name: string }[]
}
