/** What each function may do, by the policies of its role: everything that is not allowed is refused. */
import type { ResolvedTemplate } from './template.ts'

/** `dynamodb:Query` on the ARN of the table. */
export interface Permission {
  readonly action: string
  readonly resource: string
}

export type Policies = ReadonlyMap<string, readonly Permission[]>

interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: unknown
}

/** @param roles of the functions, by the functions' names. */
export function policiesOf(
  template: ResolvedTemplate,
  roles: ReadonlyMap<string, string>,
): Policies {
  const policies = template.ofType('AWS::IAM::Policy')
  return new Map(
    [...roles].map(([name, role]) => {
      const statements: Statement[] = policies
        .filter(({ properties }) => properties.Roles.includes(role))
        .flatMap(({ properties }) => properties.PolicyDocument.Statement)
      return [name, statements.flatMap(permissionsOf)]
    }),
  )
}

function permissionsOf({ Effect, Action, Resource, Condition }: Statement): Permission[] {
  // Others are not in the stack, and nobody here would know what they mean.
  if (Effect !== 'Allow' || Condition !== undefined) throw new Error('a statement of another kind')
  return [Action]
    .flat()
    .flatMap(action => [Resource].flat().map(resource => ({ action, resource })))
}

export function isAllowed(policies: Policies, name: string, asked: Permission): boolean {
  return (policies.get(name) ?? []).some(
    ({ action, resource }) => action === asked.action && resource === asked.resource,
  )
}
