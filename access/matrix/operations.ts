import type { Deployment, KeyModel, PolicyAt, StoreModel } from '../deployment/deployment';
import type { ContextInput } from '../request';
import { managementOf } from './management';

/** One request of an operation. */
export interface Step {
  readonly action: string;
  readonly resource: string;
  readonly policy?: PolicyAt;
  readonly context?: ContextInput;
}

/** Something somebody may want to do: the whole chain of requests behind it, all of which must be allowed. */
export interface OperationModel {
  /** As the expected matrix names it. */
  readonly name: string;
  readonly steps: readonly Step[];
}

const ITEM_OPERATIONS: Readonly<Record<string, string>> = {
  get: 'GetItem',
  query: 'Query',
  scan: 'Scan',
  put: 'PutItem',
  update: 'UpdateItem',
  delete: 'DeleteItem',
  'batch get': 'BatchGetItem',
  'batch write': 'BatchWriteItem',
  describe: 'DescribeTable',
};
const CRYPTOGRAPHY = ['Encrypt', 'Decrypt', 'GenerateDataKey', 'CreateGrant'];
/** What a service could ask of KMS for its caller; the last one no service here asks. */
const THROUGH = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'CreateGrant',
  'GenerateDataKeyPair',
];

/** Everything that the matrix asks of a deployment. Names leave the common prefix out. */
export function operationsOf(deployment: Deployment): OperationModel[] {
  const short = (name: string) => (name.startsWith(deployment.prefix) ? name.slice(deployment.prefix.length) : name);
  const keyBy = (arn: string | undefined) => deployment.keys.find((key) => key.arn === arn);
  const host = (service: string) => `${service}.${deployment.region}.amazonaws.com`;
  /** What a service asks of KMS for its caller. A key that is not in the JSON has no policy that allows anything. */
  const kms = (keyArn: string | undefined, actions: readonly string[], service: 'sqs' | 'dynamodb', context: Readonly<Record<string, string>>): Step[] =>
    keyArn === undefined
      ? []
      : actions.map((action) => ({
          action: `kms:${action}`,
          resource: keyArn,
          policy: keyBy(keyArn)?.policy,
          context: {
            'kms:ViaService': host(service),
            'aws:ViaAWSService': 'true',
            'aws:CalledVia': [`${service}.amazonaws.com`],
            'aws:CalledViaFirst': `${service}.amazonaws.com`,
            'aws:CalledViaLast': `${service}.amazonaws.com`,
            'kms:EncryptionContextKeys': Object.keys(context),
            ...Object.fromEntries(Object.entries(context).map(([key, value]) => [`kms:EncryptionContext:${key}`, value])),
          },
        }));
  const sqs = (queue: StoreModel, action: string, context?: ContextInput): Step => ({
    action: `sqs:${action}`,
    resource: queue.arn,
    policy: queue.policy,
    context,
  });
  const inQueue = (queue: StoreModel) => ({ 'aws:sqs:arn': queue.arn });
  const redriveContext = {
    'aws:ViaAWSService': 'true',
    'aws:CalledVia': ['sqs.amazonaws.com'],
    'aws:CalledViaFirst': 'sqs.amazonaws.com',
    'aws:CalledViaLast': 'sqs.amazonaws.com',
  };
  const plain = { 'aws:SecureTransport': 'false' };

  const queueOperations = deployment.queues.flatMap((queue): OperationModel[] => {
    const name = short(queue.name);
    const source = deployment.queues.find((one) => one.deadLetterArn === queue.arn);
    const send = [sqs(queue, 'SendMessage'), ...kms(queue.keyArn, ['GenerateDataKey', 'Decrypt'], 'sqs', inQueue(queue))];
    const receive = [sqs(queue, 'ReceiveMessage'), ...kms(queue.keyArn, ['Decrypt'], 'sqs', inQueue(queue))];
    const own: OperationModel[] = [
      { name: `${name}: send`, steps: send },
      { name: `${name}: send without TLS`, steps: send.map((step, index) => (index === 0 ? { ...step, context: plain } : step)) },
      { name: `${name}: receive`, steps: receive },
      { name: `${name}: delete a message`, steps: [sqs(queue, 'DeleteMessage')] },
      { name: `${name}: hide a message longer`, steps: [sqs(queue, 'ChangeMessageVisibility')] },
      { name: `${name}: see its attributes`, steps: [sqs(queue, 'GetQueueAttributes')] },
      { name: `${name}: change its attributes`, steps: [sqs(queue, 'SetQueueAttributes')] },
    ];
    if (!source) return own;
    // A dead letter keeps the encryption of the queue that it came from.
    const letters = kms(source.keyArn, ['Decrypt'], 'sqs', inQueue(source));
    return [
      ...own,
      { name: `${name}: receive dead letters`, steps: [sqs(queue, 'ReceiveMessage'), ...letters] },
      { name: `${name}: receive dead letters without TLS`, steps: [sqs(queue, 'ReceiveMessage', plain), ...letters] },
      {
        name: `${name}: redrive to another queue`,
        steps: [sqs(queue, 'StartMessageMoveTask'), ...letters, { action: 'sqs:SendMessage', resource: `${source.arn}-other`, context: redriveContext }],
      },
      {
        name: `${name}: redrive`,
        steps: [
          sqs(queue, 'StartMessageMoveTask'),
          ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => sqs(queue, action, redriveContext)),
          ...letters,
          sqs(source, 'SendMessage', redriveContext),
          ...kms(source.keyArn, ['GenerateDataKey', 'Decrypt'], 'sqs', inQueue(source)),
        ],
      },
    ];
  });

  const tableOperations = deployment.tables.flatMap((table): OperationModel[] => {
    const context = { 'aws:dynamodb:tableName': table.name, 'aws:dynamodb:subscriberId': deployment.account };
    const steps = (action: string, more?: ContextInput): Step[] => [
      { action: `dynamodb:${action}`, resource: table.arn, policy: table.policy, context: more },
      ...(action === 'DescribeTable' ? [] : kms(table.keyArn, ['Decrypt'], 'dynamodb', context)),
    ];
    return [
      ...Object.entries(ITEM_OPERATIONS).map(([name, action]) => ({ name: `${short(table.name)}: ${name}`, steps: steps(action) })),
      { name: `${short(table.name)}: get without TLS`, steps: steps('GetItem', plain) },
      {
        name: `${short(table.name)}: select its key`,
        steps: [
          { action: 'dynamodb:UpdateTable', resource: table.arn, policy: table.policy },
          ...kms(
            table.keyArn,
            ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'],
            'dynamodb',
            context,
          ),
          ...kms(table.keyArn, ['CreateGrant'], 'dynamodb', context).map((step) => ({
            ...step,
            context: { ...step.context, 'kms:GrantIsForAWSResource': 'true' },
          })),
        ],
      },
    ];
  });

  /** The requests of KMS alone: what the service in front of it refuses does not hide what the key policy would let through. */
  const through = (
    name: string,
    keyArn: string | undefined,
    service: 'sqs' | 'dynamodb',
    contexts: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ) =>
    Object.entries(contexts).flatMap(([where, context]): OperationModel[] => {
      const grant = (isForResource: string) => ({ 'kms:GrantIsForAWSResource': isForResource });
      const own = THROUGH.flatMap((action) =>
        kms(keyArn, [action], service, context).map((step) => ({
          name: `${name}: ${action} through ${service} for ${where}`,
          steps: [action === 'CreateGrant' ? { ...step, context: { ...step.context, ...grant('true') } } : step],
        })),
      );
      const [direct] = kms(keyArn, ['Decrypt'], service, context);
      if (!direct) return own;
      const { 'kms:ViaService': _via, ...withoutService } = direct.context ?? {};
      const directly = ['Decrypt', 'GenerateDataKey', 'CreateGrant'].map((action) => ({
        name: `${name}: ${action} directly, as if for ${where}`,
        steps: [
          {
            ...direct,
            action: `kms:${action}`,
            context: {
              ...withoutService,
              'aws:ViaAWSService': 'false',
              'aws:CalledVia': [],
              'aws:CalledViaFirst': [],
              'aws:CalledViaLast': [],
              ...(action === 'CreateGrant' ? grant('true') : {}),
            },
          },
        ],
      }));
      const [selfish] = kms(keyArn, ['CreateGrant'], service, context);
      return [
        ...own,
        ...directly,
        ...(selfish
          ? [
              {
                name: `${name}: CreateGrant for oneself through ${service} for ${where}`,
                steps: [{ ...selfish, context: { ...selfish.context, ...grant('false') } }],
              },
            ]
          : []),
      ];
    });
  const throughServices = [
    ...deployment.queues
      .filter((queue) => queue.deadLetterArn)
      .flatMap((queue) =>
        through(`key of ${short(queue.name)}`, queue.keyArn, 'sqs', {
          [short(queue.name)]: inQueue(queue),
          'its dead letters': { 'aws:sqs:arn': String(queue.deadLetterArn) },
          'another queue': { 'aws:sqs:arn': `${queue.arn}-other` },
        }),
      ),
    ...deployment.tables.flatMap((table) =>
      through(`key of ${short(table.name)}`, table.keyArn, 'dynamodb', {
        [short(table.name)]: { 'aws:dynamodb:tableName': table.name, 'aws:dynamodb:subscriberId': deployment.account },
        'another table': { 'aws:dynamodb:tableName': `${table.name}-other`, 'aws:dynamodb:subscriberId': deployment.account },
        'another account': { 'aws:dynamodb:tableName': table.name, 'aws:dynamodb:subscriberId': '999988887777' },
      }),
    ),
  ];

  const keyOperations = deployment.keys.flatMap((key: KeyModel): OperationModel[] => {
    const name = `key ${short(key.name)}`;
    const step = (action: string, context?: ContextInput): Step => ({ action: `kms:${action}`, resource: key.arn, policy: key.policy, context });
    return [
      ...CRYPTOGRAPHY.map((action) => ({
        name: `${name}: ${action} directly`,
        steps: [step(action, action === 'CreateGrant' ? { 'kms:GrantIsForAWSResource': 'false' } : undefined)],
      })),
      { name: `${name}: see`, steps: [step('DescribeKey')] },
      { name: `${name}: change its policy`, steps: [step('PutKeyPolicy')] },
      { name: `${name}: disable`, steps: [step('DisableKey')] },
      { name: `${name}: schedule its deletion`, steps: [step('ScheduleKeyDeletion')] },
      { name: `${name}: cancel its deletion`, steps: [step('CancelKeyDeletion')] },
    ];
  });

  // Whether MFA is there depends on who asks: the user comes with and without it, sessions of roles never have it.
  const roleOperations = deployment.roles.map(
    (role): OperationModel => ({ name: `assume ${short(role.name)}`, steps: [{ action: 'sts:AssumeRole', resource: role.arn, policy: role.trust }] }),
  );

  const functionOperations = deployment.functions.flatMap((one): OperationModel[] => [
    { name: `${short(one.name)}: change its code`, steps: [{ action: 'lambda:UpdateFunctionCode', resource: one.arn }] },
    { name: `${short(one.name)}: invoke`, steps: [{ action: 'lambda:InvokeFunction', resource: one.arn }] },
    {
      name: `pass the role of ${short(one.name)} to Lambda`,
      steps: [
        { action: 'iam:PassRole', resource: one.roleArn, context: { 'iam:PassedToService': 'lambda.amazonaws.com', 'iam:AssociatedResourceArn': one.arn } },
      ],
    },
    {
      name: `pass the role of ${short(one.name)} to EC2`,
      steps: [{ action: 'iam:PassRole', resource: one.roleArn, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } }],
    },
  ]);

  const logOperations = deployment.logGroups.flatMap((group): OperationModel[] => [
    { name: `logs of ${short(group.name.split('/').at(-1) ?? '')}: read`, steps: [{ action: 'logs:FilterLogEvents', resource: group.arn }] },
    {
      name: `logs of ${short(group.name.split('/').at(-1) ?? '')}: write`,
      steps: [{ action: 'logs:PutLogEvents', resource: `${group.arn}:log-stream:stream` }],
    },
  ]);

  return [
    ...queueOperations,
    ...tableOperations,
    ...throughServices,
    ...keyOperations,
    ...roleOperations,
    ...functionOperations,
    ...logOperations,
    ...serviceOperations(deployment, short),
    ...managementOf(deployment),
  ];
}

/** What CloudWatch Logs asks of KMS in its own name. */
function serviceOperations(deployment: Deployment, short: (name: string) => string): OperationModel[] {
  const key = deployment.keys.find((one) => one.name.endsWith('logs'));
  if (!key) return [];
  const LOGS = ['Encrypt', 'Decrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];
  const use = (groupArn: string, actions: readonly string[]): Step[] =>
    [...actions].map((action) => ({
      action: `kms:${action}`,
      resource: key.arn,
      policy: key.policy,
      context: { 'kms:EncryptionContext:aws:logs:arn': groupArn },
    }));
  return [
    ...deployment.logGroups.map((group) => ({
      name: `key ${short(key.name)}: encrypt the logs of ${short(group.name.split('/').at(-1) ?? '')}`,
      steps: use(group.arn, LOGS),
    })),
    ...deployment.logGroups.map((group) => ({
      name: `key ${short(key.name)}: make key pairs for the logs of ${short(group.name.split('/').at(-1) ?? '')}`,
      steps: use(group.arn, ['GenerateDataKeyPair']),
    })),
    {
      name: `key ${short(key.name)}: encrypt other logs`,
      steps: use(`arn:${deployment.partition}:logs:${deployment.region}:${deployment.account}:log-group:other`, LOGS),
    },
  ];
}
