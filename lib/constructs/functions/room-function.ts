/** One deployed function: its bundle, its role, its log. */
import { fileURLToPath } from 'node:url'
import { type Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  ApplicationLogLevel,
  Architecture,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda'
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

export interface RoomFunctionProps {
  /** The file in functions/, without its ending. */
  readonly file: string
  readonly description: string
  readonly memoryMegabytes: number
  readonly timeout: Duration
  readonly environment: Readonly<Record<string, string>>
  readonly logRetention: RetentionDays
  /** Instances that are kept for it and are all it may have; undefined: it shares what the account has. */
  readonly reservedConcurrency?: number | undefined
}

/**
 * A function that may do nothing but write its own log; the caller grants what else it needs. Its role is
 * its own and lists no managed policy, because AWS's basic one reaches every log of the account.
 */
export function roomFunction(
  scope: Construct,
  id: string,
  props: RoomFunctionProps,
): NodejsFunction {
  const logGroup = new LogGroup(scope, `${id}Log`, {
    retention: props.logRetention,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  })
  logGroup.grantWrite(role)
  return new NodejsFunction(scope, id, {
    entry: pathOf(`functions/${props.file}.ts`),
    description: props.description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: props.memoryMegabytes,
    ...(props.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrentExecutions: props.reservedConcurrency }),
    timeout: props.timeout,
    environment: { ...props.environment },
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    applicationLogLevelV2: ApplicationLogLevel.INFO,
    // Failures only: three lines for each of a million requests cost more than the requests.
    systemLogLevelV2: SystemLogLevel.WARN,
    projectRoot: pathOf('.'),
    // CDK only looks whether this file exists, and an installed package has no lock file.
    depsLockFilePath: pathOf('package.json'),
    bundling: BUNDLING,
  })
}

/** The SDK is bundled, because the one that Lambda brings is older, larger and changes by itself. */
const BUNDLING = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  externalModules: [],
  logLevel: LogLevel.WARNING,
  esbuildArgs: {
    '--alias': [
      standIn('@aws-sdk/credential-provider-node', 'lambda-credentials'),
      standIn('@smithy/core/event-streams', 'no-event-streams'),
      standIn('mnemonist/lru-cache', 'endpoint-memory'),
    ],
  },
}

/** In a bundle the file takes the place of the package. Each file says what that saves. */
function standIn(packageName: string, file: string): string {
  return `${packageName}=${pathOf(`lib/constructs/bundle/${file}.ts`)}`
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../../${file}`, import.meta.url))
}
