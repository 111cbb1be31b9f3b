import { ServiceError } from '../account/errors';
import { type ProtocolRequest, type ReportFault, toDiagnostic, toDiagnostics } from './grpc-handler';
import { changes, planChange, reconcile } from './plan';
import { type Context, recordOf, tagsOf } from './resource-type';
import type { TypeSchema } from './schema/schema';
import { findType, type ProviderTypes } from './types';
import { validateConfig } from './validate';
import { readValue, type Values, withoutUnknowns, writeValue } from './values';

/** What the provider's configuration says at the time of a request. */
export interface Configuration {
  readonly context: Context;
  readonly defaultTags: Readonly<Record<string, string>>;
}

/**
 * Answers Terraform's requests about managed resources.
 *
 * Source: docs/resource-instance-change-lifecycle.md in hashicorp/terraform, which says what each request may return.
 */
export class ResourceRequests {
  constructor(
    private readonly types: ProviderTypes,
    private readonly configuration: () => Configuration,
    private readonly reportFault: ReportFault,
  ) {}

  /** ValidateResourceTypeConfig. @throws ServiceError when the lab does not model the type */
  validate({ type_name: name, config: value }: ProtocolRequest): object {
    const type = findType(this.types.resources, name);
    const config = readValue(value) ?? {};
    const problems = validateConfig(name, this.schemaOf(name), config, new Set(type.supportedPaths));
    return toDiagnostics([...problems, ...(type.check?.(config) ?? []).map((message) => ({ path: '', message }))]);
  }

  /** UpgradeResourceState: of state written by another version, members that the schema does not have are dropped. */
  upgradeState({ type_name: name, raw_state: value }: ProtocolRequest): object {
    return { upgraded_state: writeValue(reconcile(this.schemaOf(name), {}, readValue(value) ?? {})) };
  }

  /** ReadResource: the real state; null when the resource is gone. */
  async read({ type_name: name, current_state: value }: ProtocolRequest): Promise<object> {
    const state = readValue(value);
    return { new_state: writeValue(state === null ? null : await this.refresh(name, state)) };
  }

  /** PlanResourceChange: the planned state, and the attributes for which the resource is replaced. */
  plan(request: ProtocolRequest): object {
    const { context, defaultTags } = this.configuration();
    const type = findType(this.types.resources, request.type_name);
    if (readValue(request.proposed_new_state) === null) return { planned_state: request.proposed_new_state };
    const schema = this.schemaOf(request.type_name);
    const { state, replace } = planChange(
      schema,
      readValue(request.prior_state),
      readValue(request.config) ?? {},
      { region: context.region, defaultTags },
      (changed) => type.recomputed?.(changed) ?? [],
    );
    return {
      planned_state: writeValue(state),
      requires_replace: replace.map((attribute_name) => ({ steps: [{ attribute_name }] })),
      legacy_type_system: schema.impl === 'sdkv2',
    };
  }

  /**
   * ApplyResourceChange: creates, updates or deletes, and answers the state read back.
   *
   * @throws ServiceError as the account answers, when nothing was made or deleted; Terraform then keeps the prior state
   */
  async apply(request: ProtocolRequest): Promise<object> {
    const name = request.type_name;
    const prior = readValue(request.prior_state);
    const planned = readValue(request.planned_state);
    const legacy_type_system = this.schemaOf(name).impl === 'sdkv2';
    if (planned === null) {
      if (prior !== null) await findType(this.types.resources, name).delete(prior, this.configuration().context);
      return { new_state: writeValue(null), legacy_type_system };
    }
    const { id, failure } = prior === null ? { id: await this.create(name, planned), failure: undefined } : await this.update(name, prior, planned);
    const known: Values = { ...withoutUnknowns(planned), id };
    const place = `ApplyResourceChange of ${name}`;
    try {
      const state = await this.refresh(name, known);
      return { new_state: writeValue(state), legacy_type_system, diagnostics: this.diagnosticsOf(failure, place) };
    } catch (error) {
      // It is there, though it cannot be read: Terraform must know it, or it would be made a second time.
      return { new_state: writeValue(known), legacy_type_system, diagnostics: this.diagnosticsOf(failure ?? { error }, place) };
    }
  }

  /**
   * ImportResourceState.
   *
   * @throws ServiceError when there is no such resource
   */
  async importState({ type_name: name, id }: ProtocolRequest): Promise<object> {
    const start = findType(this.types.resources, name).importState?.(id) ?? { id };
    const state = await this.refresh(name, reconcile(this.schemaOf(name), {}, start));
    if (state === null) throw new ServiceError('NotFound', `Cannot import non-existent remote object: ${name} ${id}`);
    return { imported_resources: [{ type_name: name, state: writeValue(state) }] };
  }

  private create(name: string, planned: Values): Promise<string> {
    return findType(this.types.resources, name).create(withoutUnknowns(planned), this.configuration().context);
  }

  /** Updates in place. A failure is part of the answer: whatever was done before it must be read back. */
  private async update(name: string, prior: Values, planned: Values): Promise<{ id: unknown; failure?: { error: unknown } }> {
    const type = findType(this.types.resources, name);
    try {
      await type.update?.(prior, withoutUnknowns(planned), changes(this.schemaOf(name), prior, planned), this.configuration().context);
      return { id: type.idAfterUpdate?.(planned) ?? prior.id };
    } catch (error) {
      return { id: prior.id, failure: { error } };
    }
  }

  private diagnosticsOf(failure: { error: unknown } | undefined, place: string): object[] {
    return failure === undefined ? [] : [toDiagnostic(failure.error, place, this.reportFault)];
  }

  private async refresh(name: string, state: Values): Promise<Values | null> {
    const real = await findType(this.types.resources, name).read(state, this.configuration().context);
    if (real === undefined) return null;
    return this.withRealTags(name, state, reconcile(this.schemaOf(name), state, this.withRegion(name, real)));
  }

  private withRegion(name: string, real: Values): Values {
    return this.schemaOf(name).attributes.region ? { ...real, region: this.configuration().context.region } : real;
  }

  /** `tags` are the real tags without those that only the provider's defaults put there. */
  private withRealTags(name: string, known: Values, state: Values): Values {
    if (!this.schemaOf(name).attributes.tags) return state;
    const { defaultTags } = this.configuration();
    const configured = recordOf(known.tags);
    const own = Object.entries(tagsOf(state)).filter(([key, value]) => key in configured || defaultTags[key] !== value);
    return { ...state, tags: own.length === 0 && Object.keys(configured).length === 0 ? (known.tags ?? null) : Object.fromEntries(own) };
  }

  private schemaOf(name: string): TypeSchema {
    return findType(this.types.schema.resources, name);
  }
}
