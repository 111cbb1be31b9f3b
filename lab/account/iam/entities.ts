import { randomBytes, randomUUID } from 'node:crypto';
import type { Policy } from '../../../evaluator/index';
import type { StoredPolicy } from '../stored-policy';
import type { Tags } from '../tags';

/** A policy document with its compiled form. */
export interface Document {
  readonly text: string;
  readonly policy: Policy;
}

/** What users, groups and roles have in common. */
export interface Entity {
  name: string;
  path: string;
  readonly id: string;
  readonly createdAt: Date;
  readonly inline: Map<string, Document>;
  /** ARNs of attached managed policies. */
  readonly attached: Set<string>;
}

/** An IAM role. */
export interface Role extends Entity {
  trust: StoredPolicy;
  description: string;
  maxSessionSeconds: number;
  readonly tags: Tags;
}

/** An access key of a user. */
export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  active: boolean;
  readonly createdAt: Date;
}

/** A virtual MFA device: the seed that an authenticator application gets, and the codes already used. */
export interface MfaDevice {
  readonly serial: string;
  /** Base32. */
  readonly seed: string;
  /** Name of the user it is enabled for. */
  user?: string;
  enabledAt?: Date;
  /** Time steps whose code was used: each code counts once (seen in the field, unconfirmed by AWS). */
  readonly usedSteps: Set<number>;
}

/** An IAM user. */
export interface User extends Entity {
  readonly tags: Tags;
  readonly groups: Set<string>;
  readonly accessKeys: AccessKey[];
}

/** An IAM group. */
export type Group = Entity;

/** A customer-managed policy. */
export interface ManagedPolicy {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly description: string;
  readonly createdAt: Date;
  readonly versions: { readonly id: string; readonly document: Document; readonly createdAt: Date }[];
  defaultVersion: string;
  readonly tags: Tags;
}

/**
 * Makes a unique id of IAM.
 * Source of the prefixes: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function uniqueId(prefix: 'AROA' | 'AIDA' | 'AGPA' | 'ANPA' | 'AKIA' | 'ASIA'): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + [...randomBytes(16)].map((byte) => alphabet[byte % 32]).join('');
}

/** Makes a secret access key. */
export function secretKey(): string {
  return randomBytes(30).toString('base64');
}

/** Makes a session token; it says nothing by itself. */
export function sessionToken(): string {
  return Buffer.from(randomUUID() + randomUUID()).toString('base64');
}
