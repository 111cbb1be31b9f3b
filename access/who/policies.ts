import { z } from 'zod';
import { PolicyError } from '../../evaluator/errors';
import { splitVariables } from '../../evaluator/pattern';
import { compilePolicy, type Policy } from '../../evaluator/policy/compile';
import { many, type PolicyDocument, type StatementDocument } from '../../evaluator/policy/document';
import { isUnknown, UNKNOWN } from '../../evaluator/unknown';
import type { AccessModel, HeldPolicy, Identity, ProtectedResource } from '../model/access-model';

/** A policy that is ready to decide, with what its statements say. */
export interface ReadPolicy {
  readonly policy: Policy;
  /** Statements by the name that decisions give them. */
  readonly statements: ReadonlyMap<string, StatementDocument>;
  /** Lower-case names of the condition keys that it looks at, those of policy variables included. */
  readonly keys: ReadonlySet<string>;
  /** Patterns of its Resource elements. */
  readonly resources: readonly string[];
  /** Why it could not be read, and so may allow or deny anything. */
  readonly mistake?: string;
}

const known = new Map<string, ReadPolicy>();
const TEXT = z.string();

/** Reads a policy as AWS evaluates it; the same text is read once. One that is malformed may allow or deny anything. */
export function readPolicy({ name, text, kind }: HeldPolicy): ReadPolicy {
  const cacheKey = `${kind} ${name} ${text}`;
  let read = known.get(cacheKey);
  if (read === undefined) {
    read = newPolicy(name, text, kind);
    known.set(cacheKey, read);
  }
  return read;
}

function newPolicy(name: string, text: string, kind: HeldPolicy['kind']): ReadPolicy {
  try {
    const policy = compilePolicy(name, text, kind, { strict: false });
    const whole = text === UNKNOWN ? [] : many((JSON.parse(text) as PolicyDocument).Statement);
    const statements = new Map(whole.map((statement, index) => [statement.Sid || `Statement[${index}]`, statement] as const));
    return { policy, statements, keys: new Set(whole.flatMap(keysOf)), resources: whole.flatMap(resourcesOf) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const policy = compilePolicy(name, UNKNOWN, kind);
    return { policy, statements: new Map(), keys: new Set(), resources: [], mistake: error.message };
  }
}

/** All policies of an identity or a resource. */
export function policiesOf(holder: Identity | ProtectedResource): readonly HeldPolicy[] {
  if ('policies' in holder) return [...holder.policies, ...holder.boundary];
  return holder.policy ? [holder.policy] : [];
}

/** Policies that AWS would refuse, each with what is wrong: they may allow or deny anything here. */
export function malformedPolicies({ identities, resources }: AccessModel): { readonly address: string; readonly reason: string }[] {
  const reasons = new Map<string, { address: string; reason: string }>();
  for (const policy of [...identities, ...resources].flatMap(policiesOf)) {
    const { mistake } = readPolicy(policy);
    if (mistake !== undefined) reasons.set(`${policy.address} ${mistake}`, { address: policy.address, reason: `its policy is not valid: ${mistake}` });
  }
  return [...reasons.values()];
}

/** What AWS accepts in policies although it looks mistaken, such as actions that do not exist: it is evaluated as AWS does. */
export function mistakenPolicies({ identities, resources }: AccessModel): { readonly address: string; readonly reason: string }[] {
  const all = [...identities, ...resources].flatMap(policiesOf).flatMap((held) => {
    const { policy } = readPolicy(held);
    return policy.warnings.map(({ path, reason }) => ({ address: held.address, reason: `${path} of ${policy.name}: ${reason}` }));
  });
  return [...new Map(all.map((warning) => [`${warning.address} ${warning.reason}`, warning])).values()];
}

const resourcesOf = ({ Resource }: StatementDocument): readonly string[] => many(Resource).filter((pattern) => !isUnknown(pattern));

function keysOf(statement: StatementDocument): string[] {
  const conditions = Object.values(statement.Condition ?? {});
  const values = conditions.flatMap((keys) => Object.values(keys).flatMap((value) => many(value)));
  const patterns = [...values, ...many(statement.Resource), ...many(statement.NotResource)];
  return [...conditions.flatMap((keys) => Object.keys(keys)), ...patterns.flatMap(variablesOf)].map((key) => key.toLowerCase());
}

/** The keys of policy variables `${key}` and `${key, 'default'}`. */
function variablesOf(pattern: unknown): string[] {
  const text = TEXT.safeParse(pattern).data;
  if (text === undefined) return [];
  return splitVariables(text).flatMap(({ text: part, isVariable }) => (isVariable ? (/^\$\{\s*([^,'\s}]+:[^,'\s}]+)/.exec(part)?.[1] ?? []) : []));
}

/** The conditions of a statement, as people read them; empty without. */
export function conditionText({ Condition = {} }: StatementDocument): string {
  return Object.entries(Condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) => partText(key, value) ?? `${operator} ${key} ${many(value).map(valueText).join(' or ')}`),
    )
    .join(', ');
}

/** A condition that was put in place of a resource of which it is not known which parts are meant. */
const partText = (key: string, value: unknown) =>
  key === 'aws:SecureTransport' && value === UNKNOWN ? 'its resource, known only after apply, is this one' : undefined;

const valueText = (value: string | boolean | number) => (isUnknown(String(value)) ? '(known after apply)' : String(value));
