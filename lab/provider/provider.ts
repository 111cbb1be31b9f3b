import path from 'node:path';
import { type handleUnaryCall, loadPackageDefinition, Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Account } from '../account/account';
import type { Caller } from '../account/caller';
import { ServiceError } from '../account/errors';
import { configure } from './configure';
import { FileError, type Files } from './files';
import { changes, planChange, reconcile } from './plan';
import type { Context, DataSource, ResourceType } from './resource-type';
import { type TypeSchema, toProtocol } from './schema/schema';
import type { ProviderTypes } from './types';
import { type Problem, validateConfig } from './validate';
import { hasUnknown, readValue, UNKNOWN, type Values, type WireValue, writeValue } from './values';

/** How Terraform reaches an attached provider. */
export interface Attachment {
  readonly Protocol: 'grpc';
  readonly ProtocolVersion: 5;
  readonly Pid: number;
  readonly Test: true;
  readonly Addr: { readonly Network: 'tcp'; readonly String: string };
}

/** What a provider works with. */
export interface ProviderOptions {
  readonly account: Account;
  readonly types: ProviderTypes;
  /** In whose name it acts, unless its configuration says otherwise. */
  readonly caller: Caller;
  readonly files: Files;
}

const definition = loadSync(path.join(__dirname, 'tfplugin5.proto'), { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true });
const { Provider: protocol } = loadPackageDefinition(definition).tfplugin5 as unknown as { Provider: { service: Parameters<Server['addService']>[0] } };

/** A message of the plugin protocol, as far as its members matter here. */
interface Request {
  readonly type_name: string;
  readonly id: string;
  readonly config?: WireValue;
  readonly prior_state?: WireValue;
  readonly planned_state?: WireValue;
  readonly proposed_new_state?: WireValue;
  readonly current_state?: WireValue;
  readonly raw_state?: WireValue;
}

/** A Terraform provider in this process: serves plugin protocol 5 and acts through the account's services. */
export class Provider {
  private readonly server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 });
  private context: Context;
  private defaultTags: Readonly<Record<string, string>> = {};

  private constructor(private readonly options: ProviderOptions) {
    this.context = this.contextFor(options.caller);
    this.server.addService(protocol.service, this.implementation());
  }

  /** Starts serving on loopback and tells how Terraform attaches. */
  static async start(options: ProviderOptions): Promise<{ provider: Provider; attachment: Attachment }> {
    const provider = new Provider(options);
    const port = await new Promise<number>((resolve, reject) =>
      provider.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    return {
      provider,
      attachment: { Protocol: 'grpc', ProtocolVersion: 5, Pid: process.pid, Test: true, Addr: { Network: 'tcp', String: `127.0.0.1:${port}` } },
    };
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private contextFor(caller: Caller): Context {
    const { account, files } = this.options;
    const call = account.call(caller, { userAgent: 'terraform' });
    return { account, files, call, region: account.region, perform: (operation, input) => account.perform(operation, input, call) };
  }

  private implementation(): UntypedServiceImplementation {
    const { schema, resources, dataSources } = this.options.types;
    const schemas = (types: Readonly<Record<string, TypeSchema>>) =>
      Object.fromEntries(Object.entries(types).map(([name, type]) => [name, toProtocol(type, type.schema_version)]));
    const handlers: Record<string, (request: Request) => object | Promise<object>> = {
      GetMetadata: () => ({
        server_capabilities: { get_provider_schema_optional: false },
        resources: Object.keys(resources).map((type_name) => ({ type_name })),
        data_sources: Object.keys(dataSources).map((type_name) => ({ type_name })),
      }),
      GetSchema: () => ({
        provider: toProtocol(schema.provider),
        resource_schemas: schemas(schema.resources),
        data_source_schemas: schemas(schema.data_sources),
      }),
      GetFunctions: () => ({}),
      GetResourceIdentitySchemas: () => ({}),
      PrepareProviderConfig: (request) => ({ prepared_config: request.config }),
      Configure: (request) => this.configure(readValue(request.config) ?? {}),
      ValidateResourceTypeConfig: (request) => this.validateResource(request),
      ValidateDataSourceConfig: (request) => {
        const models = new Set(this.dataSource(request.type_name).models);
        return report(validateConfig(request.type_name, this.dataSchema(request.type_name), readValue(request.config) ?? {}, models));
      },
      UpgradeResourceState: (request) => ({ upgraded_state: writeValue(this.fitted(request)) }),
      ReadResource: async (request) => ({ new_state: writeValue(await this.refresh(request.type_name, readValue(request.current_state))) }),
      PlanResourceChange: (request) => this.plan(request),
      ApplyResourceChange: (request) => this.apply(request),
      ImportResourceState: (request) => this.importState(request),
      ReadDataSource: async (request) => {
        const config = readValue(request.config) ?? {};
        const read = await this.dataSource(request.type_name).read(config, this.context);
        return { state: writeValue(reconcile(this.dataSchema(request.type_name), config, read)) };
      },
      Stop: () => ({}),
    };
    return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, answering(handler)]));
  }

  private resource(type: string): ResourceType {
    return this.options.types.resources[type] ?? unmodelled(type);
  }

  private dataSource(type: string): DataSource {
    return this.options.types.dataSources[type] ?? unmodelled(`data.${type}`);
  }

  private resourceSchema(type: string): TypeSchema {
    return this.options.types.schema.resources[type] ?? unmodelled(type);
  }

  private dataSchema(type: string): TypeSchema {
    return this.options.types.schema.data_sources[type] ?? unmodelled(`data.${type}`);
  }

  private async configure(config: Values): Promise<object> {
    if (this.options.types.address !== 'hashicorp/aws') return {};
    const { caller, defaultTags } = await configure(config, this.options.account, this.options.caller);
    this.context = this.contextFor(caller);
    this.defaultTags = defaultTags;
    return {};
  }

  private validateResource(request: Request): object {
    const type = this.resource(request.type_name);
    const config = readValue(request.config) ?? {};
    const problems = validateConfig(request.type_name, this.resourceSchema(request.type_name), config, new Set(type.models));
    return report([...problems, ...(type.check?.(config) ?? []).map((message) => ({ path: '', message }))]);
  }

  /** State written by another version of the provider: members that the schema does not have are dropped. */
  private fitted(request: Request): Values {
    return reconcile(this.resourceSchema(request.type_name), {}, readValue(request.raw_state) ?? {});
  }

  private async refresh(type: string, state: Values | null): Promise<Values | null> {
    if (state === null) return null;
    const found = await this.resource(type).read(state, this.context);
    return found === undefined ? null : this.withRealTags(type, state, reconcile(this.resourceSchema(type), state, this.located(type, found)));
  }

  private located(type: string, found: Values): Values {
    return this.resourceSchema(type).attributes.region ? { ...found, region: this.context.region } : found;
  }

  /** `tags` are the real tags without those that only the provider's defaults put there. */
  private withRealTags(type: string, known: Values, state: Values): Values {
    if (!this.resourceSchema(type).attributes.tags) return state;
    const configured = (known.tags ?? {}) as Values;
    const real = Object.entries((state.tags_all ?? {}) as Record<string, string>);
    const own = real.filter(([key, value]) => key in configured || this.defaultTags[key] !== value);
    return { ...state, tags: own.length === 0 && Object.keys(configured).length === 0 ? (known.tags ?? null) : Object.fromEntries(own) };
  }

  private plan(request: Request): object {
    const proposed = readValue(request.proposed_new_state);
    if (proposed === null) return { planned_state: request.proposed_new_state };
    const type = this.resource(request.type_name);
    const schema = this.resourceSchema(request.type_name);
    const { state, replace } = planChange(
      schema,
      readValue(request.prior_state),
      readValue(request.config) ?? {},
      { region: this.context.region, defaultTags: this.defaultTags },
      (changed) => type.recomputed?.(changed) ?? [],
    );
    return {
      planned_state: writeValue(state),
      requires_replace: replace.map((name) => ({ steps: [{ attribute_name: name }] })),
      legacy_type_system: schema.impl === 'sdkv2',
    };
  }

  private async apply(request: Request): Promise<object> {
    const type = this.resource(request.type_name);
    const schema = this.resourceSchema(request.type_name);
    const prior = readValue(request.prior_state);
    const planned = readValue(request.planned_state);
    if (planned === null) {
      if (prior !== null) await type.delete(prior, this.context);
      return { new_state: writeValue(null), legacy_type_system: schema.impl === 'sdkv2' };
    }
    let id: unknown = prior?.id;
    let failure: unknown;
    try {
      if (prior === null) id = await type.create(settled(planned), this.context);
      else {
        await type.update?.(prior, settled(planned), changes(schema, prior, planned), this.context);
        id = type.idAfter?.(planned) ?? prior.id;
      }
    } catch (error) {
      // Whatever an update did before it failed is read back below; a resource that was never made has no state.
      if (prior === null) throw error;
      failure = error;
    }
    let state: Values | null = { ...settled(planned), id };
    try {
      state = await this.refresh(request.type_name, state);
    } catch (error) {
      // It is there, though it cannot be read: Terraform must know it, or it would be made a second time.
      failure ??= error;
    }
    return { new_state: writeValue(state), legacy_type_system: schema.impl === 'sdkv2', diagnostics: failure === undefined ? [] : [diagnostic(failure)] };
  }

  private async importState(request: Request): Promise<object> {
    const schema = this.resourceSchema(request.type_name);
    const start = this.resource(request.type_name).imported?.(request.id) ?? { id: request.id };
    const state = await this.refresh(request.type_name, reconcile(schema, {}, start));
    if (state === null) throw new ServiceError('NotFound', `Cannot import non-existent remote object: ${request.type_name} ${request.id}`);
    return { imported_resources: [{ type_name: request.type_name, state: writeValue(state) }] };
  }
}

/** What is unknown at apply is for the resource to find out. */
function settled(planned: Values): Values {
  return Object.fromEntries(Object.entries(planned).map(([name, value]) => [name, value === UNKNOWN ? null : hasUnknown(value) ? strip(value) : value]));
}

function strip(value: unknown): unknown {
  if (value === UNKNOWN) return null;
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, strip(one)]));
}

function unmodelled(type: string): never {
  throw new ServiceError('NotModelledByTheLab', `The lab does not model ${type}`);
}

function report(problems: readonly Problem[]): object {
  return {
    diagnostics: problems.map(({ path: place, message }) => ({
      severity: 'ERROR',
      summary: message,
      ...(place ? { attribute: { steps: [{ attribute_name: place.split('.')[0] }] } } : {}),
    })),
  };
}

function diagnostic(error: unknown): object {
  if (error instanceof ServiceError) return { severity: 'ERROR', summary: `${error.code}: ${error.message}` };
  if (error instanceof FileError) return { severity: 'ERROR', summary: error.message };
  const fault = error as Error;
  return { severity: 'ERROR', summary: `The lab failed: ${fault.message}`, detail: fault.stack };
}

/** Errors of the account become diagnostics, which Terraform shows with the resource. */
function answering(handler: (request: Request) => object | Promise<object>): handleUnaryCall<Request, object> {
  return (call, reply) => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (answer) => reply(null, answer),
        (error: unknown) => reply(null, { diagnostics: [diagnostic(error)] }),
      );
  };
}
