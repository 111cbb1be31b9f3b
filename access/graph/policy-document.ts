import { z } from 'zod';
import { many, type PrincipalElement, type StatementDocument } from '../../evaluator/policy/document';
import { UNKNOWN } from '../../evaluator/unknown';
import { arnOfReference, hasParts } from './arn-of-reference';
import { isKnown } from './attributes';
import { namedKind, type ResourceGraph } from './graph';
import type { Resolution } from './references';
import { isObject, type TerraformResource } from './terraform-resource';

const TEXTS = z.array(z.string().nullable());
const BLOCKS = z.array(z.unknown());

/** A list of texts of which some are not known yet. */
interface Texts {
  readonly known: readonly string[];
  /** What the unknown ones refer to; empty when everything is known. */
  readonly unknown: readonly Unknown[];
}

type Unknown = Resolution | 'not in the configuration';

const isReference = (unknown: Unknown): unknown is Resolution => typeof unknown !== 'string';

/** A part of a data source: its values, what is unknown of them, and its configuration. */
interface Part {
  readonly values: unknown;
  readonly unknown: unknown;
  readonly expression: unknown;
}

/** A document whose every part cannot be told. */
class UnknownDocument extends Error {}

/**
 * The policy document that a data source aws_iam_policy_document makes once its references are known: ARNs of resources stand
 * in by address. Statements that name a resource of which parts have ARNs of their own are undetermined for it and its parts:
 * the JSON does not show what the configuration writes around a reference.
 *
 * Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
 *
 * @param inside the data sources of which it is a part
 * @returns JSON text; UNKNOWN when it cannot be told at all
 */
export function documentOfDataSource(graph: ResourceGraph, data: TerraformResource, inside: readonly TerraformResource[] = []): string {
  if (inside.includes(data)) return UNKNOWN;
  const path = [...inside, data];
  const whole: Part = { values: data.values, unknown: data.unknown, expression: data.expressions };
  try {
    const statements = [
      ...documents(graph, path, member(whole, 'source_json')),
      ...documents(graph, path, member(whole, 'source_policy_documents')),
      ...blocks(member(whole, 'statement')).map((part) => statementOf(graph, data, part)),
    ];
    const overriding = ['override_json', 'override_policy_documents'].flatMap((name) => documents(graph, path, member(whole, name)));
    const replaced = new Set(overriding.map(({ Sid }) => Sid).filter(Boolean));
    const kept = statements.filter(({ Sid }) => !replaced.has(Sid));
    const version = textOf(member(whole, 'version')) ?? '2012-10-17';
    return JSON.stringify({ Version: version, Statement: [...kept, ...overriding] });
  } catch (error) {
    if (error instanceof UnknownDocument) return UNKNOWN;
    throw error;
  }
}

/** The statements of other documents, given as JSON or by data sources. */
function documents(graph: ResourceGraph, inside: readonly TerraformResource[], part: Part): StatementDocument[] {
  const data = inside.at(-1);
  if (data === undefined) return [];
  const { known, unknown } = textsOf(data, part);
  const rebuilt = unknown.map((reference) => {
    if (typeof reference === 'string' || reference.kind !== 'resource' || reference.resource.type !== data.type) throw new UnknownDocument();
    return documentOfDataSource(graph, reference.resource, inside);
  });
  return [...known, ...rebuilt].flatMap(statementsIn);
}

const DOCUMENT = z.object({ Statement: z.unknown() });

function statementsIn(text: string): readonly StatementDocument[] {
  try {
    return many(DOCUMENT.parse(JSON.parse(text)).Statement as StatementDocument | StatementDocument[]);
  } catch (cause) {
    throw new UnknownDocument('not a policy document', { cause });
  }
}

function statementOf(graph: ResourceGraph, data: TerraformResource, part: Part): StatementDocument {
  const texts = (name: string) => textsOf(data, member(part, name));
  const actions = (name: string): string[] | undefined => {
    const { known, unknown } = texts(name);
    if (unknown.length > 0) throw new UnknownDocument();
    return known.length > 0 ? [...known] : undefined;
  };
  const resources = (name: string) => arnsOf(graph, texts(name));
  const [Resource, NotResource] = [resources('resources'), resources('not_resources')];
  const isUnclear = Resource?.isUnclear || NotResource?.isUnclear;
  const condition = conditionOf(graph, data, member(part, 'condition'));
  // Every request has the key, so an unknown value of it makes undetermined what the statement matches.
  const Condition = isUnclear ? { ...condition, Bool: { ...condition.Bool, 'aws:SecureTransport': UNKNOWN } } : condition;
  const statement = {
    Sid: textOf(member(part, 'sid')) || undefined,
    Effect: textOf(member(part, 'effect')) ?? 'Allow',
    Principal: principalsOf(graph, data, member(part, 'principals')),
    NotPrincipal: principalsOf(graph, data, member(part, 'not_principals')),
    Action: actions('actions'),
    NotAction: actions('not_actions'),
    Resource: Resource?.arns,
    NotResource: NotResource?.arns,
    Condition: Object.keys(Condition).length > 0 ? Condition : undefined,
  };
  return statement as StatementDocument;
}

/** Principals by type. */
function principalsOf(graph: ResourceGraph, data: TerraformResource, part: Part): PrincipalElement | undefined {
  const principals: Record<string, string[]> = {};
  for (const block of blocks(part)) {
    const type = textOf(member(block, 'type'));
    if (type === undefined) throw new UnknownDocument();
    const { known, unknown } = textsOf(data, member(block, 'identifiers'));
    if (type === '*') return '*';
    // Nothing can stand around the ARN of a role or user in a principal.
    principals[type] = [
      ...(principals[type] ?? []),
      ...known,
      ...unknown.map((reference) => (isReference(reference) ? (arnOfReference(graph, reference) ?? UNKNOWN) : UNKNOWN)),
    ];
  }
  return Object.keys(principals).length > 0 ? principals : undefined;
}

function conditionOf(graph: ResourceGraph, data: TerraformResource, part: Part): Record<string, Record<string, string | string[]>> {
  const condition: Record<string, Record<string, string | string[]>> = {};
  for (const block of blocks(part)) {
    const [operator, key] = [textOf(member(block, 'test')), textOf(member(block, 'variable'))];
    if (operator === undefined || key === undefined) throw new UnknownDocument();
    const { known, unknown } = textsOf(data, member(block, 'values'));
    const values = unknown.map((reference) => (isReference(reference) && !hasParts(reference) ? (arnOfReference(graph, reference) ?? UNKNOWN) : UNKNOWN));
    condition[operator] = { ...condition[operator], [key]: [...known, ...values] };
  }
  return condition;
}

/** The ARNs that a list of resources stands for; unclear where it may be parts of them rather than themselves. */
function arnsOf(graph: ResourceGraph, { known, unknown }: Texts): { readonly arns: string[]; readonly isUnclear: boolean } | undefined {
  if (known.length + unknown.length === 0) return undefined;
  let isUnclear = false;
  const referred = unknown.flatMap((reference): string[] => {
    if (typeof reference === 'string' || reference.kind !== 'resource') return [UNKNOWN];
    const { resource, path } = reference;
    const kind = namedKind(resource);
    if (!kind || resource.mode !== 'managed' || !/^(arn|)$/.test(path)) return [UNKNOWN];
    const arn = graph.arnOf(resource);
    const parts = kind.does === 'resource' ? kind.parts.map((template) => graph.fill(template, resource, arn)) : [];
    if (parts.length > 0 || path === '') isUnclear = true;
    return [arn, ...parts];
  });
  return { arns: [...new Set([...known, ...referred])], isUnclear };
}

/** A text; `undefined` when it is not set. @throws UnknownDocument when it is not known */
function textOf({ values, unknown }: Part): string | undefined {
  if (unknown === true) throw new UnknownDocument();
  return typeof values === 'string' ? values : undefined;
}

/** A list whose number of elements is not known has one unknown element at least. */
function textsOf(data: TerraformResource, { values, unknown, expression }: Part): Texts {
  const elements = TEXTS.safeParse([values ?? []].flat()).data ?? [];
  const known = elements.filter((element) => element !== null).map((element) => element.replaceAll('&{', '${'));
  const isPartlyUnknown = Array.isArray(unknown) && unknown.includes(true);
  if (unknown !== true && !isPartlyUnknown) return { known, unknown: [] };
  const resolutions = data.resolve(expression).filter((reference) => !isKnown(reference));
  // A list that is unknown as a whole may have constants, which Terraform's JSON does not show.
  const hidden: Unknown[] = unknown === true || resolutions.length === 0 ? ['not in the configuration'] : [];
  return { known, unknown: [...resolutions, ...hidden] };
}

/** The blocks of one kind. @throws UnknownDocument when their number is not known */
function blocks({ values, unknown, expression }: Part): Part[] {
  if (unknown === true) throw new UnknownDocument();
  const unknowns = Array.isArray(unknown) ? unknown : [];
  const read = BLOCKS.safeParse(values ?? []).data ?? [];
  const expressions: readonly unknown[] = Array.isArray(expression) ? expression : [];
  return read.map((block, index) => ({ values: block, unknown: unknowns[index], expression: expressionOf(block, index, read.length, expressions) }));
}

/**
 * The configuration of a block. Of dynamic blocks it does not show how many there are, so where their number differs, only a
 * Sid that one block alone has tells which it is.
 */
function expressionOf(block: unknown, index: number, length: number, expressions: readonly unknown[]): unknown {
  if (expressions.length === length) return expressions[index];
  const sid = isObject(block) ? block.sid : undefined;
  const same = expressions.filter((each) => isObject(each) && isObject(each.sid) && typeof sid === 'string' && sid !== '' && each.sid.constant_value === sid);
  return same.length === 1 ? same[0] : undefined;
}

function member({ values, unknown, expression }: Part, name: string): Part {
  const of = (part: unknown) => (isObject(part) ? part[name] : undefined);
  return { values: of(values), unknown: unknown === true ? true : of(unknown), expression: of(expression) };
}
