import path from 'node:path';
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Account } from '../account/account';
import type { Caller } from '../account/caller';
import { configure } from './configure';
import type { Files } from './files';
import { grpcHandler, type Handler, type ProtocolRequest, toDiagnostics } from './grpc-handler';
import { reconcile } from './plan';
import { ResourceRequests } from './resource-requests';
import type { Context } from './resource-type';
import { type TypeSchema, toProtocol } from './schema/schema';
import { findType, type ProviderTypes } from './types';
import { validateConfig } from './validate';
import { readValue, type Values, writeValue } from './values';

/**
 * How Terraform reaches an attached provider: the value of one member of TF_REATTACH_PROVIDERS.
 *
 * Source: developer.hashicorp.com/terraform/plugin/debugging (TF_REATTACH_PROVIDERS).
 */
export interface Attachment {
  readonly Protocol: 'grpc';
  readonly ProtocolVersion: 5;
  /** A process that Terraform ends when the address does not listen, see {@link WaitingProcess}. */
  readonly Pid: number;
  /** The provider ends by itself: Terraform does not end the process when its run is over. */
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
  /** The id of the process that Terraform may end, see {@link WaitingProcess}. */
  readonly pid: number;
}

/** @throws Error when the protocol file has no such service */
function providerService(): ServiceDefinition {
  const file = path.join(__dirname, 'tfplugin5.proto');
  const service = loadSync(file, { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true })['tfplugin5.Provider'];
  if (service === undefined || 'format' in service) throw new Error(`${file} has no service Provider`);
  return service;
}

const SERVICE = providerService();
/** As much as Terraform itself accepts in one message, in bytes: 64 MiB. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/**
 * A Terraform provider in this process: serves plugin protocol 5 and acts through the account's services.
 *
 * Source: developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol, and docs/plugin-protocol/tfplugin5.proto in
 * hashicorp/terraform.
 */
export class Provider {
  private readonly server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  private readonly resources: ResourceRequests;
  private context: Context;
  private defaultTags: Readonly<Record<string, string>> = {};

  private constructor(private readonly options: ProviderOptions) {
    this.context = this.contextFor(options.caller);
    this.resources = new ResourceRequests(options.types, () => ({ context: this.context, defaultTags: this.defaultTags }), this.reportFault);
    this.server.addService(SERVICE, this.implementation());
  }

  /**
   * Starts serving on loopback and tells how Terraform attaches.
   *
   * @throws Error when no port can be had
   * @example
   * const { provider, attachment } = await Provider.start({ account, types: awsTypes, caller, files, pid: waiting.pid });
   * process.env.TF_REATTACH_PROVIDERS = JSON.stringify({ 'hashicorp/aws': attachment });
   */
  static async start(options: ProviderOptions): Promise<{ provider: Provider; attachment: Attachment }> {
    const provider = new Provider(options);
    const port = await new Promise<number>((resolve, reject) =>
      provider.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    return {
      provider,
      attachment: { Protocol: 'grpc', ProtocolVersion: 5, Pid: options.pid, Test: true, Addr: { Network: 'tcp', String: `127.0.0.1:${port}` } },
    };
  }

  /** Stops serving at once; requests under way are cancelled. */
  stop(): void {
    this.server.forceShutdown();
  }

  private readonly reportFault = (place: string, error: unknown): void => this.options.account.faults.record(`the Terraform provider: ${place}`, error);

  private contextFor(caller: Caller): Context {
    const { account, files } = this.options;
    const call = account.call(caller, { userAgent: 'terraform' });
    return { account, files, call, region: account.region, perform: (operation, input) => account.perform(operation, input, call) };
  }

  private implementation(): UntypedServiceImplementation {
    const { resources } = this;
    const handlers: Readonly<Record<string, Handler>> = {
      GetMetadata: () => this.metadata(),
      GetSchema: () => this.schema(),
      GetFunctions: () => ({}),
      GetResourceIdentitySchemas: () => ({}),
      PrepareProviderConfig: ({ config }) => ({ prepared_config: config }),
      Configure: ({ config }) => this.configure(readValue(config) ?? {}),
      ValidateResourceTypeConfig: (request) => resources.validate(request),
      ValidateDataSourceConfig: (request) => this.validateDataSource(request),
      UpgradeResourceState: (request) => resources.upgradeState(request),
      ReadResource: (request) => resources.read(request),
      PlanResourceChange: (request) => resources.plan(request),
      ApplyResourceChange: (request) => resources.apply(request),
      ImportResourceState: (request) => resources.importState(request),
      ReadDataSource: (request) => this.readDataSource(request),
      Stop: () => ({}),
    };
    return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, grpcHandler(name, handler, this.reportFault)]));
  }

  private metadata(): object {
    const { resources, dataSources } = this.options.types;
    return {
      server_capabilities: { get_provider_schema_optional: false },
      resources: Object.keys(resources).map((type_name) => ({ type_name })),
      data_sources: Object.keys(dataSources).map((type_name) => ({ type_name })),
    };
  }

  private schema(): object {
    const { schema } = this.options.types;
    const schemas = (types: Readonly<Record<string, TypeSchema>>) =>
      Object.fromEntries(Object.entries(types).map(([name, type]) => [name, toProtocol(type, type.schema_version)]));
    return {
      provider: toProtocol(schema.provider),
      resource_schemas: schemas(schema.resources),
      data_source_schemas: schemas(schema.data_sources),
    };
  }

  private async configure(config: Values): Promise<object> {
    if (this.options.types.address !== 'hashicorp/aws') return {};
    const { caller, defaultTags } = await configure(config, this.options.account, this.options.caller);
    this.context = this.contextFor(caller);
    this.defaultTags = defaultTags;
    return {};
  }

  private validateDataSource({ type_name: type, config }: ProtocolRequest): object {
    const { dataSources, schema } = this.options.types;
    const paths = new Set(findType(dataSources, type).supportedPaths);
    return toDiagnostics(validateConfig(type, findType(schema.data_sources, type), readValue(config) ?? {}, paths));
  }

  private async readDataSource({ type_name: type, config: value }: ProtocolRequest): Promise<object> {
    const { dataSources, schema } = this.options.types;
    const config = readValue(value) ?? {};
    const read = await findType(dataSources, type).read(config, this.context);
    return { state: writeValue(reconcile(findType(schema.data_sources, type), config, read)) };
  }
}
