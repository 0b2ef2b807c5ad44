/**
 * What an owner's own CDK app imports. The examples in these files import from the repository; an app that
 * installed the package imports from `antichambre`.
 */

export { Gate, type GatedBehavior, type GatedRoom, type GateProps } from './edge-gate/gate.ts'
export type { FrontDomain } from './front/domain.ts'
export { Firewall, type FirewallRules } from './front/firewall.ts'
export type { WarmWindow } from './functions/warm-window.ts'
export type { ReservedConcurrency } from './functions/wired-function.ts'
export type { AlarmSet } from './operation/alarms.ts'
export type { MonthlyBudget } from './operation/operation.ts'
export { WaitingRoom } from './waiting-room.ts'
export type { WaitingRoomProps } from './waiting-room-props.ts'
