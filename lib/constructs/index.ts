/** What an owner's own CDK app imports. */
export type { AlarmSet } from './alarms.ts'
export { Firewall, type FirewallRules } from './firewall.ts'
export type { FrontDomain } from './front-domain.ts'
export { Gate, type GatedBehavior, type GatedRoom, type GateProps } from './gate.ts'
export type { MonthlyBudget } from './operation.ts'
export { WaitingRoom, type WaitingRoomProps } from './waiting-room.ts'
export type { WarmWindow } from './warm-window.ts'
export type { ReservedConcurrency } from './wired-function.ts'
