/**
 * An actor of the matrix. Ids are stable: expected matrices, accepted paths and programs name actors by them.
 * Names in them leave the common prefix of the deployment out; what people read is made of them by labels.ts
 * alone.
 */
export type ActorId =
  | `role/${string}`
  | 'user/mfa'
  | 'user/no-mfa'
  | `user/mfa/${string}`
  | 'administrator/mfa'
  | 'first-deployer'
  | 'root'
  | 'foreign-administrator'
  | 'anonymous'
  | `service/${string}`
  | `account/${string}/administrator`
  | `principal/${string}`
  /** Somebody whom an identity provider vouches for: of escalation paths only. */
  | `federated/${string}`
  /** Instead of an actor: a resource of an unsupported type, for which access is undetermined. */
  | `resource/${string}`;

/**
 * An operation of the matrix: of a service, through a key, or a single action as
 * `permission/RESOURCE/service:Action`.
 */
export type OperationId =
  | `queue/${string}/${string}`
  | `table/${string}/${string}`
  | `key-of-queue/${string}/${string}/${string}/${string}`
  | `key-of-table/${string}/${string}/${string}/${string}`
  | `key/${string}/${string}`
  | `role/${string}/assume`
  | `function/${string}/${string}`
  | `logs/${string}/${string}`
  | `permission/${string}/${string}`
  /** What a resource of a type that is not supported means to access. */
  | 'unsupported-type';

/** Data that can be read: a table, a queue or a log group. */
export type DataId = `table/${string}` | `queue/${string}` | `logs/${string}`;

/** A step of escalation. */
export type StepId =
  | `role/${string}/${'assume' | 'change-trust' | 'write-policy' | 'attach-policy' | 'remove-policy' | 'remove-boundary'}`
  | `role/${string}/${'assume-with-token' | 'forge-token'}`
  | `role/${string}/${'pass-to' | 'use-in'}/${string}`
  | `policy/${string}/${'change' | 'set-version'}`
  | `own-user/${'enroll-mfa' | 'replace-mfa' | 'write-policy' | 'attach-policy'}`
  | `other-user/${'create-access-key' | 'set-password' | 'replace-mfa'}`
  | `group/${string}/${'write-policy' | 'attach-policy' | 'remove-policy' | 'add-user' | 'remove-user'}`
  | 'deployed-user/create-access-key'
  | 'account/make-administrator'
  | `key/${string}/${'change-policy' | 'create-grant' | 'replicate' | 'move-alias' | 're-encrypt'}`
  | `function/${string}/${'change-code' | 'change-configuration' | 'create' | 'pass-role' | 'invoke' | 'open-url' | 'feed'}`
  | `function/${string}/${'send-results' | 'change-policy' | 'remove-permission'}`
  | `queue/${string}/${'change-policy' | 'change-policy-and-key' | 'add-permission' | 'remove-permission' | 'replace' | 'move-messages'}`
  | `table/${string}/${'change-policy' | 'change-key' | 'remove-policy' | 'export' | 'restore' | 'restore-backup' | 'restore-with-aws-backup'}`
  | `table/${string}/${'share-backup' | 'read-stream' | 'stream' | 'replicate' | 'replace' | 'return-values'}`
  | `logs/${string}/${'subscribe' | 'export'}`;

/** A change that a mutant makes to one statement. */
export type MutationId =
  | 'remove-statement'
  | `remove-${'action' | 'not-action' | 'resource' | 'principal' | 'condition' | 'value'}/${string}`
  | `allow-${'action' | 'resource'}/${string}`
  | 'allow-account'
  | 'allow-everybody';

/** The policies of a role, group or resource. Names in them are whole. */
export type PolicyId = `${'managed' | 'role' | 'group' | 'trust' | 'key' | 'queue' | 'table' | 'function'}/${string}`;

/** A name as one segment of an id: names of aliases and log groups may have slashes of their own. */
export const segment = (name: string): string => name.replaceAll('%', '%25').replaceAll('/', '%2F');
