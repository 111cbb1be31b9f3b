import { z } from 'zod';
import { lastSegment, parseArn } from '../../evaluator/arn';
import { evaluate } from '../../evaluator/evaluate';
import { viaService } from '../matrix/operation';
import type { AccessModel, ProtectedResource } from '../model/access-model';
import json from './key-use.json';
import { readPolicy } from './policies';
import type { Caller } from './principals';
import { requestOf } from './requests';
import { statementsOf } from './statements';

const texts = z.record(z.string(), z.string());

/** How services use the key of an encrypted resource as the caller, by service. */
const KEY_USE = z
  .record(
    z.string(),
    z.strictObject({
      source: z.string(),
      /** The operations of KMS that each action needs. */
      actions: z.record(z.string(), z.array(z.string())),
      /** The encryption context; where it is absent its values are not known. */
      context: texts.optional(),
    }),
  )
  .parse(json);

/** The operations of KMS that an action needs on the key of an encrypted resource; none for those that touch no data. */
export function keyActions(action: string): readonly string[] {
  const [service = '', name = ''] = action.split(':');
  return (KEY_USE[service]?.actions[name] ?? []).map((operation) => `kms:${operation}`);
}

/** Whether a caller can use a key through a service. */
export interface KeyAnswer {
  readonly outcome: 'allowed' | 'denied' | 'undetermined';
  readonly statements: readonly string[];
}

/** The keys of a model. */
export class Keys {
  private readonly byArn: ReadonlyMap<string, ProtectedResource>;
  private readonly known = new Map<string, KeyAnswer>();

  constructor(private readonly model: AccessModel) {
    this.byArn = new Map(model.resources.filter(({ kind }) => kind === 'key').map((key) => [key.arn, key]));
  }

  /** Whether a caller can do all of some operations with a key, as the service of a resource asks for them. */
  decide(keyArn: string, caller: Caller, actions: readonly string[], resourceArn: string): KeyAnswer {
    const cacheKey = [keyArn, caller.name, actions.join(), resourceArn].join(' ');
    let answer = this.known.get(cacheKey);
    if (answer === undefined) {
      answer = all(actions.map((action) => this.decideOne(keyArn, caller, action, resourceArn)));
      this.known.set(cacheKey, answer);
    }
    return answer;
  }

  private decideOne(keyArn: string, caller: Caller, action: string, resourceArn: string): KeyAnswer {
    const key = this.byArn.get(keyArn);
    if (!key?.policy) return { outcome: 'undetermined', statements: ['the key is in no file'] };
    const policy = readPolicy(key.policy);
    const policies = [...caller.identity, ...caller.boundary, policy];
    const request = requestOf(caller, action, keyArn, {
      policies,
      tags: key.tags,
      grants: key.grants,
      owner: this.model.account,
      known: throughService(resourceArn),
    });
    const decision = evaluate(request, {
      identity: caller.identity.map((each) => each.policy),
      boundary: caller.boundary.length > 0 ? caller.boundary.map((each) => each.policy) : undefined,
      resource: policy.policy,
      grants: key.grants,
    });
    const { outcome } = decision;
    return { outcome: outcome === 'allowed' || outcome === 'undetermined' ? outcome : 'denied', statements: statementsOf(decision, policies) };
  }
}

/** The condition keys of a use of a key through the service of a resource. */
function throughService(resourceArn: string): Readonly<Record<string, string | readonly string[]>> {
  const { service = '', region = '', account = '', resource = '' } = parseArn(resourceArn) ?? {};
  const values: Readonly<Record<string, string>> = { '{arn}': resourceArn, '{name}': lastSegment(resource), '{account}': account };
  const context = Object.entries(KEY_USE[service]?.context ?? {}).map(([key, value]) => [`kms:EncryptionContext:${key}`, values[value] ?? value]);
  // The ARN of a bucket has no region.
  return { ...viaService(service), ...Object.fromEntries(context), ...(region ? { 'kms:ViaService': `${service}.${region}.amazonaws.com` } : {}) };
}

function all(answers: readonly KeyAnswer[]): KeyAnswer {
  const statements = [...new Set(answers.flatMap((answer) => answer.statements))];
  if (answers.some(({ outcome }) => outcome === 'denied')) return { outcome: 'denied', statements };
  return { outcome: answers.some(({ outcome }) => outcome === 'undetermined') ? 'undetermined' : 'allowed', statements };
}
