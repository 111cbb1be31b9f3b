/** The stacks, in the order in which they are deployed. */
export const STACKS = ['identity', 'keys', 'dataplane'] as const;

/** The name of one of the stacks. */
export type StackName = (typeof STACKS)[number];

/** The human roles: people assume them, with MFA. */
export const HUMAN_ROLES = [
  'AdminRole',
  'DeployerRole',
  'KeyManagerRole',
  'DBAccessRole',
  'DBAccessNotAllowedRole',
  'SQSAccessRole',
  'SQSAccessNotAllowedRole',
  'OperatorRole',
] as const;

/** One of the roles that people assume. */
export type HumanRole = (typeof HUMAN_ROLES)[number];

/** The keys, one for each kind of data. */
export const KEYS = ['queue', 'table', 'logs'] as const;

/** One of the customer managed keys. */
export type KeyName = (typeof KEYS)[number];

/** The environment of a deployment. Inside Terraform code, partition and account are references. */
export interface Environment {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/**
 * Names of everything deployed, and the ARNs that follow from them. Policies use these rather than references: the keys
 * are deployed before the queue and the table whose ARNs their conditions hold.
 */
export class Names {
  constructor(readonly prefix: string) {}

  get queue(): string {
    return this.of('people');
  }

  get deadLetterQueue(): string {
    return this.of('people-dead-letters');
  }

  get table(): string {
    return this.of('Person');
  }

  get function(): string {
    return this.of('consumer');
  }

  get logGroup(): string {
    return `/aws/lambda/${this.function}`;
  }

  get executionRole(): string {
    return this.of('ConsumerRole');
  }

  get groups() {
    return { allUsers: this.of('AllUsers'), assumeAllRoles: this.of('AssumeAllRoles'), keyManagers: this.of('KeyManagers') };
  }

  of(name: string): string {
    return `${this.prefix}-${name}`;
  }

  keyAlias(key: KeyName): string {
    return `alias/${this.of(key)}`;
  }
}

/** The ARNs of everything that policies speak of. */
export class Arns {
  constructor(
    readonly names: Names,
    readonly environment: Environment,
  ) {}

  get queue(): string {
    return this.regional('sqs', this.names.queue);
  }

  get deadLetterQueue(): string {
    return this.regional('sqs', this.names.deadLetterQueue);
  }

  get table(): string {
    return this.regional('dynamodb', `table/${this.names.table}`);
  }

  get function(): string {
    return this.regional('lambda', `function:${this.names.function}`);
  }

  get logGroup(): string {
    return this.regional('logs', `log-group:${this.names.logGroup}`);
  }

  /** The true root user when compared with `aws:PrincipalArn`; the whole account when used as a principal. */
  get root(): string {
    return this.iam('root');
  }

  get executionRole(): string {
    return this.iam(`role/${this.names.executionRole}`);
  }

  role(role: HumanRole): string {
    return this.iam(`role/${this.names.of(role)}`);
  }

  iam(resource: string): string {
    return `arn:${this.environment.partition}:iam::${this.environment.account}:${resource}`;
  }

  regional(service: string, resource: string): string {
    const { partition, region, account } = this.environment;
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }

  /** The host under which a service calls KMS for its callers: the value of `kms:ViaService`. */
  viaService(service: 'sqs' | 'dynamodb'): string {
    return `${service}.${this.environment.region}.amazonaws.com`;
  }
}
