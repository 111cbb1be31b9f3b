import type { Fail, PolicyError } from '../errors';

/** One value or several, as policy JSON allows almost everywhere. */
export type OneOrMany<T> = T | readonly T[];

/** The Principal element: everybody, or ARNs, accounts and services by type. */
export type PrincipalElement = '*' | Readonly<Partial<Record<'AWS' | 'Service' | 'Federated' | 'CanonicalUser', OneOrMany<string>>>>;

/** Condition block: operator → key → values. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, OneOrMany<string | boolean | number>>>>>;

/** One statement of a policy document. */
export interface StatementDocument {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: PrincipalElement;
  readonly NotPrincipal?: PrincipalElement;
  readonly Action?: OneOrMany<string>;
  readonly NotAction?: OneOrMany<string>;
  readonly Resource?: OneOrMany<string>;
  readonly NotResource?: OneOrMany<string>;
  readonly Condition?: ConditionBlock;
}

/** A policy document as it is written in JSON. */
export interface PolicyDocument {
  readonly Version?: '2012-10-17' | '2008-10-17';
  readonly Id?: string;
  readonly Statement: OneOrMany<StatementDocument>;
}

/** The values of an element that may hold one or many. */
export function many<T>(value: OneOrMany<T> | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** The texts of an element. @throws PolicyError when there are none, or one of them is not text */
export function stringsOf(value: OneOrMany<string> | undefined, path: string, fail: Fail): readonly string[] {
  const values: readonly unknown[] = many(value);
  if (values.length === 0) throw fail(path, 'is empty');
  return values.map((text) => {
    if (typeof text !== 'string') throw fail(path, 'holds something that is not text');
    return text;
  });
}

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws what `fail` makes of the first member that is not among those known. */
export function refuseUnknownMembers(value: object, known: readonly string[], fail: (member: string) => PolicyError): void {
  const unknownMember = Object.keys(value).find((member) => !known.includes(member));
  if (unknownMember !== undefined) throw fail(unknownMember);
}
