import type { DecidingStatement, Decision } from '../../evaluator';
import { many, type StatementDocument } from '../../evaluator/policy/document';
import type { DifferenceGroup } from '../../evaluator/request-space/collector';
import type { Witness } from '../../evaluator/request-space/witness';
import type { AccessModel, Group, HeldPolicy, Identity, ProtectedResource } from '../model/access-model';
import { compiledDocument } from './sides';

/** Requests that one side allows and the other does not, by one cause. */
export interface AccessDifference {
  /** The side that allows. */
  readonly side: 'before' | 'after';
  /** The id of an identity, or the principal of a request in its name. */
  readonly who: string;
  /** What brings it about, `Sid (policy)`: a statement that allows, or that no longer denies; or what else changed. */
  readonly cause: string;
  readonly effect: 'allows' | 'no longer denies' | 'no longer limits';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** One request that shows it. */
  readonly witness: Witness;
}

/** The statements of one side, by `Sid (policy)`. */
type Statements = ReadonlyMap<string, string>;

/** The differences of a comparison, each under what brings it about. */
export function differencesOf(
  groups: readonly DifferenceGroup[],
  whoOf: (principal: string) => string,
  before: readonly (Identity | ProtectedResource)[],
  after: readonly (Identity | ProtectedResource)[],
): AccessDifference[] {
  const statements = [statementsOf(before), statementsOf(after)] as const;
  const limits = [limitsOf(before), limitsOf(after)] as const;
  const merged = new Map<string, AccessDifference & { readonly actions: string[]; readonly resources: string[] }>();
  for (const { side, decisions, actions, resources, witness } of groups) {
    const who = whoOf(witness.principal);
    for (const { cause, effect } of causesOf(side, decisions, statements, limits[side])) {
      const id = JSON.stringify([side, who, cause, effect]);
      const known = merged.get(id);
      if (known === undefined) {
        merged.set(id, { side: side === 0 ? 'before' : 'after', who, cause, effect, actions: [...actions], resources: [...resources], witness });
        continue;
      }
      known.actions.push(...actions.filter((action) => !known.actions.includes(action)));
      known.resources.push(...resources.filter((resource) => !known.resources.includes(resource)));
    }
  }
  return [...merged.values()];
}

type Cause = Pick<AccessDifference, 'cause' | 'effect'>;

/** What changed among that which decides: what denies or limits on the one side, what allows on the other. */
function causesOf(
  side: 0 | 1,
  decisions: readonly [Decision, Decision],
  statements: readonly [Statements, Statements],
  limits: readonly string[],
): readonly Cause[] {
  const [allowed, refused] = [decisions[side], decisions[1 - side]];
  const [own, other] = [statements[side], statements[1 - side]];
  const isChanged = (id: string) => own?.get(id) !== other?.get(id);
  if (refused?.outcome === 'explicitly denied') {
    const gone = refused.statements.map(nameOf).filter(isChanged);
    // A Deny that stays as it is may lose its hold because a tag changes.
    return (gone.length > 0 ? gone : refused.statements.map(nameOf)).map((cause) => ({ cause, effect: 'no longer denies' }));
  }
  if (refused?.missing === 'permissions boundary') {
    const wider = limits.filter(isChanged);
    return (wider.length > 0 ? wider : ['permissions boundary']).map((cause) => ({ cause, effect: 'no longer limits' }));
  }
  const allowing = allowed.statements.map(nameOf);
  const changed = allowing.filter(isChanged);
  return (changed.length > 0 ? changed : allowing).map((cause) => ({ cause, effect: 'allows' }));
}

const nameOf = ({ policy, statement }: DecidingStatement) => `${statement} (${policy})`;

function statementsOf(holders: readonly (Identity | Group | ProtectedResource)[]): Statements {
  return new Map(holders.flatMap(policiesOf).flatMap(textsOf));
}

/** Statements of two models that are not in both, by `Sid (policy)`: what is allowed newly, and what is denied no longer. */
export function changedStatements(
  before: AccessModel | undefined,
  after: AccessModel | undefined,
): { readonly allows: readonly string[]; readonly denials: readonly string[] } {
  const holders = (model: AccessModel | undefined) => (model ? [...model.identities, ...model.groups, ...model.resources] : []);
  const [was, becomes] = [statementsOf(holders(before)), statementsOf(holders(after))];
  const has =
    (effect: string) =>
    ([, text]: readonly [string, string]) =>
      text.includes(`"Effect":"${effect}"`);
  return {
    allows: [...becomes].filter(has('Allow')).flatMap(([id, text]) => (was.get(id) === text ? [] : [id])),
    denials: [...was].filter(has('Deny')).flatMap(([id, text]) => (becomes.get(id) === text ? [] : [id])),
  };
}

/** The statements of permissions boundaries. */
const limitsOf = (holders: readonly (Identity | ProtectedResource)[]) =>
  holders.flatMap((holder) => ('boundary' in holder ? holder.boundary : [])).flatMap((policy) => textsOf(policy).map(([id]) => id));

function policiesOf(holder: Identity | Group | ProtectedResource): readonly HeldPolicy[] {
  if ('policies' in holder) return [...holder.policies, ...('boundary' in holder ? holder.boundary : [])];
  return holder.policy ? [holder.policy] : [];
}

function textsOf(policy: HeldPolicy): readonly (readonly [string, string])[] {
  const compiled = compiledDocument(policy);
  if (compiled === undefined) return [];
  const { Version: version, Statement: statements } = compiled.document;
  return many<StatementDocument>(statements).map((statement, index) => [
    `${compiled.policy.statements[index]?.id ?? ''} (${policy.name})`,
    JSON.stringify([version, statement]),
  ]);
}
