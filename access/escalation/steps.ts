import type { Deployment, PolicySource, RoleModel } from '../graph/deployment';
import { shortName } from '../matrix/operation';
import { pollingFor } from '../matrix/principals';

/** A permission that can be turned into more: what it takes, and what it brings. */
export interface EscalationStep {
  /** The operation of the matrix that must be allowed. */
  readonly operation: string;
  /** More operations that it takes. */
  readonly and?: readonly string[];
  /** What somebody does, in the words of the expected list. */
  readonly label: string;
  /** An actor of the matrix as whom one can act from then on. */
  readonly assumes?: string;
  /** Actors that have every permission of IAM from then on. */
  readonly escalates?: readonly string[];
  /** Policies, by their place, that allow everything from then on. */
  readonly exposes?: readonly PolicySource[];
  /** The one actor to whom it makes a difference, where it is one. */
  readonly from?: string;
  /** The root user assumes no role, whatever its trust says. */
  readonly notByRoot?: boolean;
}

/** The actor of the matrix that is a session of a role. One of an execution role, assumed by a person, is in no function. */
function actorOf(deployment: Deployment, role: RoleModel): string {
  const owner = deployment.functions.find(({ roleArn }) => roleArn === role.arn);
  return owner ? pollingFor(shortName(deployment, owner.name)) : shortName(deployment, role.name);
}

const PEOPLE = ['a user with MFA', 'a user without MFA', 'a user with MFA in no group but AllUsers', 'a key manager’s user with MFA'];

/**
 * Every way in which a permission leads to others: assuming roles, changing trust, writing policies of IAM, key, queue and
 * table policies, granting, changing or taking the key of stored data, a function's code, and passing its role on.
 */
export function escalationStepsOf(deployment: Deployment): EscalationStep[] {
  const short = (name: string) => shortName(deployment, name);
  const keyOf = (arn: string | undefined) => deployment.keys.filter((key) => key.arn === arn).map(({ policy }) => policy);
  const roles = deployment.roles.flatMap((role): EscalationStep[] => {
    const [name, actor] = [short(role.name), actorOf(deployment, role)];
    return [
      { operation: `assume ${name}`, label: `assume ${name}`, assumes: actor },
      { operation: `${name}: iam:UpdateAssumeRolePolicy`, label: `change the trust of ${name} and assume it`, assumes: actor, notByRoot: true },
      { operation: `${name}: iam:PutRolePolicy`, label: `write a policy of ${name}`, escalates: [actor] },
      { operation: `${name}: iam:AttachRolePolicy`, label: `attach a policy to ${name}`, escalates: [actor] },
      ...role.policies
        .filter((policy) => !policy.name.includes('/'))
        .map((policy): EscalationStep => {
          const changed = short(policy.name);
          return { operation: `policy ${changed}: iam:CreatePolicyVersion`, label: `change the policy ${changed}`, escalates: [actor] };
        }),
    ];
  });
  const people: EscalationStep[] = [
    {
      operation: 'own user: iam:EnableMFADevice',
      and: ['own MFA device: iam:CreateVirtualMFADevice'],
      label: 'enroll the first MFA device of its own user and sign in',
      from: 'a user without MFA',
      assumes: 'a user with MFA',
    },
    ...PEOPLE.map((actor): EscalationStep => ({ operation: 'own user: iam:PutUserPolicy', label: 'write a policy of its own user', escalates: [actor] })),
    ...deployment.groups.flatMap(({ name }): EscalationStep[] => [
      { operation: `group ${short(name)}: iam:PutGroupPolicy`, label: `write a policy of the group ${short(name)}`, escalates: PEOPLE },
    ]),
    ...deployment.users.map((): EscalationStep => {
      return { operation: 'the deployed user: iam:CreateAccessKey', label: 'make an access key of the deployed user', assumes: 'a user with MFA' };
    }),
  ];
  const keys = deployment.keys.flatMap((key): EscalationStep[] => {
    const name = short(key.name);
    return [
      { operation: `key ${name}: change its policy`, label: `change the policy of the key ${name}`, exposes: [key.policy] },
      { operation: `key ${name}: CreateGrant directly`, label: `create a grant on the key ${name}`, exposes: [key.policy] },
    ];
  });
  const functions = deployment.functions.flatMap((one): EscalationStep[] => {
    const name = short(one.name);
    const role = deployment.roles.find(({ arn }) => arn === one.roleArn);
    const inside = role && `${short(role.name)} in its function`;
    if (!role || !inside) return [];
    return [
      { operation: `${name}: change its code`, label: `change the code of the ${name}`, assumes: inside },
      // Layers and wrappers run code as well.
      { operation: `${name}: lambda:UpdateFunctionConfiguration`, label: `change the configuration of the ${name}`, assumes: inside },
      {
        operation: `pass the role of ${name} to Lambda`,
        and: ['another function: lambda:UpdateFunctionCode'],
        label: `pass the role of the ${name} to another function`,
        assumes: `${short(role.name)} in another function`,
      },
    ];
  });
  // A key that is replaced protects nothing that is sent or written from then on; dead letters keep that of their source.
  const letters = new Set(deployment.queues.map(({ deadLetterArn }) => deadLetterArn));
  const queues = deployment.queues.map((queue): EscalationStep => {
    const name = short(queue.name);
    const keys = letters.has(queue.arn) ? [] : keyOf(queue.keyArn);
    const label = `change the policy${keys.length > 0 ? ' and the key' : ''} of the queue ${name}`;
    return { operation: `${name}: change its attributes`, label, exposes: [...(queue.policy ? [queue.policy] : []), ...keys] };
  });
  const tables = deployment.tables.flatMap((table): EscalationStep[] => {
    const name = short(table.name);
    return [
      { operation: `${name}: dynamodb:PutResourcePolicy`, label: `change the policy of the table ${name}`, exposes: table.policy ? [table.policy] : [] },
      { operation: `${name}: dynamodb:UpdateTable`, label: `change the key of the table ${name}`, exposes: keyOf(table.keyArn) },
    ];
  });
  return [...roles, ...people, ...keys, ...functions, ...queues, ...tables];
}

/** The text of a policy that somebody has changed in its own favour. */
export function allowAllDocument({ kind, text }: PolicySource): string {
  const service = kind === 'key' ? 'kms' : /"(sqs|dynamodb):/.exec(text)?.[1];
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: { Sid: 'Opened', Effect: 'Allow', Principal: '*', Action: service ? `${service}:*` : '*', Resource: '*' },
  });
}
