import { compilePolicy, type Policy, type PolicyDocument, type StatementDocument } from '../index';
import { actionClasses, type ResourceRule } from './action-classes';
import { CellSearch, type CellTask } from './cell-search';
import { Collector, type DifferenceGroup, type Relation } from './collector';
import { type DocumentKind, environmentsOf, policySet, resourceAccounts } from './environment';
import { KEYS_OF_PRINCIPAL } from './known-keys';
import { PolicyVariables } from './policy-variables';
import { principalClasses } from './principal-classes';
import { resourceClasses } from './resource-classes';
import type { Budget } from './search';
import { mayName, readStatements, withoutShared } from './statement-reading';

export type { DifferenceGroup, Relation };

/** The answer of a comparison. */
export interface Comparison {
  readonly relation: Relation;
  readonly groups: readonly DifferenceGroup[];
  /** What could not be decided, each with the statements that caused it. A relation other than `equal` stands all the same. */
  readonly undetermined: readonly string[];
  /** How many nodes of the search were looked at. */
  readonly nodes: number;
}

/** How two policies are compared. */
export interface CompareOptions {
  readonly kind: DocumentKind;
  /** Whether only requests count whose resource is of a type that the action acts upon. */
  readonly resources?: ResourceRule;
  /** Whether to end as soon as the relation is known, with one witness for each side. */
  readonly relationOnly?: boolean;
  /** How many nodes of the search may be looked at; 200,000 unless told. */
  readonly nodeLimit?: number;
}

const NODE_LIMIT = 200_000;
const NAMES = ['first policy', 'second policy'] as const;

/**
 * Compares what two policies allow, each alone, over all requests: one request of each class that their tests can tell
 * apart is put to the evaluator.
 *
 * @throws PolicyError when one of the policies is not valid
 * @example
 * const allow = (Action: string) => ({ Statement: { Effect: 'Allow', Action, Resource: '*' } }) as const;
 * comparePolicies(allow('sqs:*'), allow('sqs:SendMessage'), { kind: 'identity' }).relation; // 'first allows more'
 */
export function comparePolicies(first: PolicyDocument, second: PolicyDocument, options: CompareOptions): Comparison {
  const { kind, resources = 'of the action', relationOnly = false, nodeLimit = NODE_LIMIT } = options;
  const policies = [compilePolicy(NAMES[0], first, kind), compilePolicy(NAMES[1], second, kind)] as const;
  const part = kind === 'identity' ? 'identity' : 'resource';
  const statements = [...readStatements(policies[0], first, 0, part), ...readStatements(policies[1], second, 1, part)];
  const budget: Budget = { nodes: nodeLimit };
  const collected = new Collector(relationOnly);
  const differing = withoutShared(statements);
  if (differing.length > 0) {
    const classes = actionClasses(statements, kind, resources).filter((actionClass) => withoutShared(actionClass.statements).length > 0);
    const templates = new Set(classes.flatMap(({ template }) => template ?? []));
    const variables = new PolicyVariables(statements, [...templates]);
    const { principals, unknown, incomplete } = principalClasses(statements, kind === 'identity', variables.values);
    for (const reason of incomplete) collected.addUndetermined(reason);
    for (const { statement, reason } of unknown) if (differing.includes(statement)) collected.addUndetermined(`${statement.id}: ${reason}`);
    const cells = new CellSearch({ ...documentTask(kind, policies), statements, causes: new Set(statements), asDocumented: false, budget, collected });
    for (const principal of principals) {
      for (const actionClass of classes) {
        // A policy that allows nothing, alone, differs from no other that allows nothing.
        if (!actionClass.statements.some((statement) => statement.effect === 'Allow' && mayName(statement, principal))) continue;
        for (const assignment of variables.assignments(principal, actionClass, KEYS_OF_PRINCIPAL)) {
          if (!collected.isDone) cells.search(principal, assignment, actionClass);
        }
      }
    }
    for (const reason of variables.incomplete) collected.addUndetermined(reason);
  }
  return { relation: collected.relation, groups: [...collected.groups.values()], undetermined: [...collected.undetermined], nodes: nodeLimit - budget.nodes };
}

/**
 * A policy together with one that allows everything: what is compared then is what the policies deny.
 *
 * @example
 * comparePolicies(allowingEverything(first, 'key'), allowingEverything(second, 'key'), { kind: 'key' });
 */
export function allowingEverything(document: PolicyDocument, kind: DocumentKind): PolicyDocument {
  const everything: Record<DocumentKind, StatementDocument> = {
    identity: { Effect: 'Allow', Action: '*', Resource: '*' },
    resource: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
    key: { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' },
    trust: { Effect: 'Allow', Principal: '*', Action: 'sts:*' },
  };
  return { ...document, Statement: [...[document.Statement].flat(), everything[kind]] };
}

/** What decides about the requests that are asked about of two policies of a kind, each alone. */
function documentTask(
  kind: DocumentKind,
  policies: readonly [Policy, Policy],
): Omit<CellTask, 'statements' | 'causes' | 'asDocumented' | 'budget' | 'collected'> {
  return {
    known: [KEYS_OF_PRINCIPAL, KEYS_OF_PRINCIPAL],
    resources: resourceClasses,
    accounts: (principal, resource, compared) => resourceAccounts(kind, principal, resource, compared),
    situations: (principal, action, resourceAccount) =>
      environmentsOf(kind, principal, action, resourceAccount).map((environment) => ({
        sets: [policySet(kind, policies[0], environment), policySet(kind, policies[1], environment)] as const,
        environment,
        isAlike: true,
      })),
    // What a policy of a resource allows to a caller depends on whether both are of one account.
    tellsAccounts: kind !== 'identity',
  };
}
