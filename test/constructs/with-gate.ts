/** A gate in a stack of its own, of a room that is deployed elsewhere. */
import { Stack, type StackProps } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { vi } from 'vitest'
import { Gate, type GateProps } from '../../lib/constructs/edge-gate/gate.ts'
import { SECRET_ARN } from '../support/edge-aws.ts'
import { testApp } from './synthesise.ts'

export const ELSEWHERE = {
  url: 'https://wait.example',
  masterSecret: { secretArn: SECRET_ARN, secretFullArn: SECRET_ARN },
}
export const GATE: GateProps = { room: 'demo', waitingRoom: ELSEWHERE }

/** Without the time that bundling takes. */
export function stackOf(props?: StackProps): Stack {
  return new Stack(testApp({ 'aws:cdk:bundling-stacks': [] }), 'Antichambre', props)
}

export function templateOf(stack: Stack): Template {
  vi.stubEnv('CDK_VALIDATION', 'false')
  try {
    return Template.fromStack(stack)
  } finally {
    vi.unstubAllEnvs()
  }
}

export function gateTemplate(props: Partial<GateProps> = {}): Template {
  const stack = stackOf()
  new Gate(stack, 'Gate', { ...GATE, ...props })
  return templateOf(stack)
}
