import type { Decision } from '../../evaluator/decision';
import { evaluate } from '../../evaluator/evaluate';
import type { AccessModel, ProtectedResource } from '../model/access-model';
import { type Answer, type Holder, holdersOf } from './holders';
import { Keys, keyActions } from './key-use';
import { conditionText, policiesOf, type ReadPolicy, readPolicy } from './policies';
import { type Caller, callersOf, otherPrincipals } from './principals';
import { type Question, questionsOf } from './questions';
import { requestOf } from './requests';
import { mayAllow, namesAction, statementsOf } from './statements';
import { VERBS, type Verb } from './verbs';

/** What one verb means for a resource. */
export interface VerbAccess {
  readonly verb: Verb;
  readonly allowed: readonly Holder[];
  /** What depends on what nobody knows before the request: never "no". */
  readonly undetermined: readonly Holder[];
}

/** Who can do what with one resource. */
export interface ResourceAccess {
  readonly id: string;
  readonly address: string;
  readonly arn: string;
  readonly verbs: readonly VerbAccess[];
}

/**
 * Who can do what with each resource of a model, asked over TLS: by verb, each with the statements that decide.
 *
 * @example
 * const [queue] = whoCan(accessModelOf(graph));
 * queue?.verbs.find(({ verb }) => verb === 'read')?.allowed.map(({ principal }) => principal); // ['role reader']
 */
export function whoCan(model: AccessModel): ResourceAccess[] {
  const callers = callersOf(model);
  const keys = new Keys(model);
  const patterns = [...new Set([...model.identities, ...model.resources].flatMap(policiesOf).flatMap((policy) => readPolicy(policy).resources))];
  return model.resources.map((resource) => accessTo({ resource, owner: model.account, keys }, callers, patterns));
}

/** A resource with what else decides about it. */
interface Subject {
  readonly resource: ProtectedResource;
  readonly owner: string;
  readonly keys: Keys;
}

function accessTo(subject: Subject, callers: readonly Caller[], patterns: readonly string[]): ResourceAccess {
  const { resource } = subject;
  const { id, address, arn, policy: held } = resource;
  const policy = held && readPolicy(held);
  const questions = questionsOf(resource, patterns);
  const answers = [
    // The root user may do everything with what is not a key or a role: that is said once, not for each.
    ...callers
      .filter(({ principal }) => principal.kind !== 'root' || resource.kind !== 'resource')
      .flatMap((caller) => questions.flatMap((question) => answerOf(subject, policy, caller, question) ?? [])),
    ...(policy ? answersOfOthers(policy, questions) : []),
  ];
  const verbs = VERBS.flatMap((verb): VerbAccess[] => {
    if (!questions.some((question) => question.verb === verb)) return [];
    const ofVerb = answers.filter(({ question }) => question.verb === verb);
    return [{ verb, allowed: holdersOf(ofVerb, 'allowed'), undetermined: holdersOf(ofVerb, 'undetermined') }];
  });
  return { id, address, arn, verbs };
}

function answerOf(subject: Subject, policy: ReadPolicy | undefined, caller: Caller, question: Question): Answer | undefined {
  const { resource, keys } = subject;
  // The trust policy of a role says who may assume it, and nothing of who may change it.
  const own = resource.kind === 'trust' && question.verb !== 'assume' ? undefined : policy;
  const hasAllow = [...caller.identity, ...(own ? [own] : [])].some((each) => mayAllow(each, question.action));
  if (!hasAllow && caller.principal.kind !== 'root' && resource.grants.length === 0) return undefined;
  const decision = decide(subject, own, caller, question);
  const read = [...caller.identity, ...caller.boundary, ...(own ? [own] : [])];
  const answer = { question, caller: caller.name, statements: statementsOf(decision, read) };
  if (decision.outcome !== 'allowed' && decision.outcome !== 'undetermined') return undefined;
  const actions = keyActions(question.action);
  if (resource.keyArn === undefined || actions.length === 0) return { ...answer, outcome: decision.outcome };
  const key = keys.decide(resource.keyArn, caller, actions, resource.arn);
  if (key.outcome === 'denied') return undefined;
  const outcome = decision.outcome === 'allowed' && key.outcome === 'allowed' ? 'allowed' : 'undetermined';
  return { ...answer, outcome, statements: [...answer.statements, ...key.statements.map((statement) => `key: ${statement}`)] };
}

function decide({ resource, owner }: Subject, policy: ReadPolicy | undefined, caller: Caller, question: Question): Decision {
  const read = [...caller.identity, ...caller.boundary, ...(policy ? [policy] : [])];
  const request = requestOf(caller, question.action, question.resource, { policies: read, tags: resource.tags, grants: resource.grants, owner });
  return evaluate(request, {
    identity: caller.identity.map((each) => each.policy),
    boundary: caller.boundary.length > 0 ? caller.boundary.map((each) => each.policy) : undefined,
    resource: policy?.policy,
    grants: resource.grants,
  });
}

/** Statements for principals about whom nobody can be asked: what they allow, unless a Deny forbids it. */
function answersOfOthers(policy: ReadPolicy, questions: readonly Question[]): Answer[] {
  return otherPrincipals(policy).flatMap(({ name, statement, document }) => {
    const compiled = policy.policy.statements.find(({ id }) => id === statement);
    if (!compiled) return [];
    const conditions = conditionText(document);
    const text = `${statement} of ${policy.policy.name}${conditions ? ` (if ${conditions})` : ''}`;
    return questions
      .filter(({ action }) => namesAction(document, action))
      .map((question) => ({ question, caller: name, outcome: 'undetermined' as const, statements: [text] }));
  });
}
