import type { ActorId, DataId, MutationId, OperationId, PolicyId, StepId } from './ids';
import { LABELS } from './labels';

type Kind = keyof typeof LABELS;

interface Form {
  readonly pattern: RegExp;
  readonly label: string;
}

const formsOf = (kind: Kind): Form[] =>
  Object.entries(LABELS[kind]).map(([form, label]) => {
    const escaped = form.replace(/[.$*?()[\]\\^|]/g, '\\$&');
    const pattern = escaped.replace(/\{(\+?)(\w+)\}/g, (_whole, rest: string, name: string) => `(?<${name}>${rest ? '.+' : '[^/]+'})`);
    return { pattern: new RegExp(`^${pattern}$`), label };
  });

const FORMS: Readonly<Record<Kind, readonly Form[]>> = {
  actor: formsOf('actor'),
  operation: formsOf('operation'),
  data: formsOf('data'),
  step: formsOf('step'),
  mutation: formsOf('mutation'),
  policy: formsOf('policy'),
};

const decoded = (text: string) => text.replaceAll('%2F', '/').replaceAll('%25', '%');
const labels = new Map<string, string>();
const CACHE_LIMIT = 20_000;

/** The text for an id; an id that has no form of the table is shown as it is. */
function labelOf(kind: Kind, id: string): string {
  const cacheKey = `${kind} ${id}`;
  let label = labels.get(cacheKey);
  if (label === undefined) {
    if (labels.size > CACHE_LIMIT) labels.clear();
    label = newLabel(kind, id);
    labels.set(cacheKey, label);
  }
  return label;
}

function newLabel(kind: Kind, id: string): string {
  for (const { pattern, label } of FORMS[kind]) {
    const groups = pattern.exec(id)?.groups ?? (pattern.test(id) ? {} : undefined);
    if (groups) return label.replace(/\{(\w+)\}/g, (_whole, name: string) => decoded(groups[name] ?? ''));
  }
  return id;
}

/** Whether a text has the form of an id of the table. */
export const isActorId = (text: string): text is ActorId => FORMS.actor.some(({ pattern }) => pattern.test(text));
/** Whether a text has the form of an id of the table. */
export const isOperationId = (text: string): text is OperationId => FORMS.operation.some(({ pattern }) => pattern.test(text));
/** Whether a text has the form of an id of the table. */
export const isDataId = (text: string): text is DataId => FORMS.data.some(({ pattern }) => pattern.test(text));
/** Whether a text has the form of an id of the table. */
export const isStepId = (text: string): text is StepId => FORMS.step.some(({ pattern }) => pattern.test(text));
/** Whether a text has the form of an id of the table. */
export const isMutationId = (text: string): text is MutationId => FORMS.mutation.some(({ pattern }) => pattern.test(text));
/** Whether a text has the form of an id of the table. */
export const isPolicyId = (text: string): text is PolicyId => FORMS.policy.some(({ pattern }) => pattern.test(text));

/** An actor as people read it. */
export const actorLabel = (id: ActorId): string => labelOf('actor', id);
/** An operation as people read it. */
export const operationLabel = (id: OperationId): string => labelOf('operation', id);
/** A table or queue as people read it. */
export const dataLabel = (id: DataId): string => labelOf('data', id);
/** A step of escalation as people read it. */
export const stepLabel = (id: StepId): string => labelOf('step', id);
/** A change of a policy as people read it. */
export const mutationLabel = (id: MutationId): string => labelOf('mutation', id);
/** A policy as people read it. */
export const policyLabel = (id: PolicyId): string => labelOf('policy', id);

/** A cell as people read it: `AdminRole | people: send`. */
export const cellLabel = ({ actor, operation }: { readonly actor: ActorId; readonly operation: OperationId }): string =>
  `${actorLabel(actor)} | ${operationLabel(operation)}`;

/** The labels of the ids in cells, as JSON output carries them. */
export function labelsOf(cells: readonly { readonly actor: ActorId; readonly operation: OperationId }[]) {
  return {
    actors: Object.fromEntries(cells.map(({ actor }) => [actor, actorLabel(actor)])),
    operations: Object.fromEntries(cells.map(({ operation }) => [operation, operationLabel(operation)])),
  };
}
