import { type Fail, PolicyError } from '../errors';
import type { Mistake } from '../service-data/check';
import { isUnknown } from '../unknown';
import { many, type PolicyDocument, refuseUnknownMembers } from './document';
import { compileStatement, type Statement } from './statement';

/** Something in a policy that AWS accepts, but that cannot do what it seems to say. */
export interface PolicyWarning {
  /** Path in the document, e.g. `Statement[2].Action`. */
  readonly path: string;
  readonly reason: string;
}

/** A policy, ready to be matched any number of times. */
export interface Policy {
  /** The name that decisions and errors give. */
  readonly name: string;
  /** The document's JSON text. */
  readonly text: string;
  readonly statements: readonly Statement[];
  /** What looks mistaken; always empty when the policy was compiled strictly. */
  readonly warnings: readonly PolicyWarning[];
}

/** How to read a policy. */
export interface CompileOptions {
  /**
   * Whether what AWS accepts, but what looks mistaken, is an error rather than a warning: an action, a service or a
   * condition key that does not exist, a resource that none of the actions acts on. True by default.
   */
  readonly strict?: boolean;
}

/**
 * What a policy is attached to. Identity policies (also boundaries, session and service control policies) have no
 * principals; the trust policy of a role has no resource; a key policy accepts statements without action or resource,
 * which then do nothing (https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html).
 */
export type PolicyKind = 'identity' | 'resource' | 'trust' | 'key';

const MEMBERS = ['Version', 'Id', 'Statement'];

/**
 * Reads and compiles a policy. Whatever it does not know is an error; what AWS accepts but never does what it seems to say
 * is an error, too, unless `strict` is false: then it is evaluated as AWS does, and is one of the policy's `warnings`.
 *
 * @param name how decisions and errors call the policy
 * @param document JSON text or the parsed document
 * @param kind what it is attached to
 * @param options.strict true by default
 * @throws {@link PolicyError} that names the policy, the path in the document and the statement's Sid
 * @example
 * const Statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' } as const;
 * compilePolicy('senders', { Version: '2012-10-17', Statement }, 'identity');
 */
export function compilePolicy(name: string, document: string | PolicyDocument, kind: PolicyKind, { strict = true }: CompileOptions = {}): Policy {
  if (typeof document === 'string' && isUnknown(document)) return { name, text: document, statements: [UNKNOWN_ALLOW, UNKNOWN_DENY], warnings: [] };
  const fail: Fail = (path, reason, options) => new PolicyError(name, path, reason, undefined, options);
  const read = readDocument(document, fail);
  const variables = (read.Version ?? '2008-10-17') === '2012-10-17';
  const sids = new Set<string>();
  const warnings: PolicyWarning[] = [];
  const statements = many(read.Statement).map((statement, index) => {
    const path = `Statement[${index}]`;
    const sid = readSid(statement?.Sid, kind, sids, (reason) => new PolicyError(name, `${path}.Sid`, reason));
    const failHere: Fail = (at, reason, options) => new PolicyError(name, at ? `${path}.${at}` : path, reason, sid, options);
    const warn = (mistake: Mistake) => {
      if (strict) throw failHere(mistake.path, mistake.reason);
      warnings.push({ path: `${path}.${mistake.path}`, reason: mistake.reason });
    };
    return compileStatement(statement, { kind, variables, path, fail: failHere, warn });
  });
  return { name, text: typeof document === 'string' ? document : JSON.stringify(document), statements, warnings };
}

/** A policy whose text is not known may allow or deny anything. */
const UNKNOWN_ALLOW: Statement = { effect: 'Allow', id: '(not known yet)', matches: () => undefined, principal: () => ({ matched: undefined }) };
const UNKNOWN_DENY: Statement = { ...UNKNOWN_ALLOW, effect: 'Deny' };

function readDocument(document: string | PolicyDocument, fail: Fail): PolicyDocument {
  const read = typeof document === 'string' ? parseJson(document, fail) : document;
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw fail('document', 'not a JSON object');
  refuseUnknownMembers(read, MEMBERS, (member) => fail(member, 'not a member of a policy'));
  const { Version: version } = read;
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    throw fail('Version', `${JSON.stringify(version)} is not a policy version`);
  }
  if (read.Id !== undefined && typeof read.Id !== 'string') throw fail('Id', 'not text');
  if (read.Statement === undefined) throw fail('Statement', 'missing');
  return read;
}

function parseJson(text: string, fail: Fail): PolicyDocument {
  try {
    return JSON.parse(text) as PolicyDocument;
  } catch (cause) {
    throw fail('document', 'not JSON', { cause });
  }
}

/**
 * A Sid of IAM's own policies has letters and digits only; other services take more. An empty one is none.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
 */
function readSid(sid: unknown, kind: PolicyKind, sids: Set<string>, fail: (reason: string) => PolicyError): string | undefined {
  if (sid === undefined || sid === '') return undefined;
  if (typeof sid !== 'string') throw fail('not text');
  if ((kind === 'identity' || kind === 'trust') && !/^[A-Za-z0-9]+$/.test(sid)) throw fail(`${JSON.stringify(sid)} has more than letters and digits`);
  if (sids.has(sid)) throw fail(`the Sid ${sid} stands twice`);
  sids.add(sid);
  return sid;
}
