/** The CDK application. */
import { App } from 'aws-cdk-lib'
import { antichambreStack } from '../lib/constructs/stack.ts'

antichambreStack(new App())
