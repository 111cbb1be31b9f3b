import type { handleUnaryCall } from '@grpc/grpc-js';
import { z } from 'zod';
import { ServiceError } from '../account/errors';
import { FileError } from './files';
import type { Problem } from './validate';
import { ValueError } from './values';

const value = z.object({ msgpack: z.instanceof(Uint8Array).optional(), json: z.instanceof(Uint8Array).optional() }).nullish();

/** A message of the plugin protocol, as far as its members matter here; members that a message does not have are absent. */
const protocolRequest = z.object({
  type_name: z.string().default(''),
  id: z.string().default(''),
  config: value,
  prior_state: value,
  planned_state: value,
  proposed_new_state: value,
  current_state: value,
  raw_state: value,
});

/** A request of Terraform, see {@link grpcHandler}. */
export type ProtocolRequest = z.infer<typeof protocolRequest>;

/** A message for the user of Terraform, as the protocol carries it. */
export interface Diagnostic {
  readonly severity: 'ERROR';
  readonly summary: string;
  readonly detail?: string;
  readonly attribute?: { readonly steps: readonly { readonly attribute_name: string | undefined }[] };
}

/** Answers one kind of request; what it throws becomes a diagnostic. */
export type Handler = (request: ProtocolRequest) => object | Promise<object>;

/** Where a handler reports what nobody foresaw. */
export type ReportFault = (place: string, error: unknown) => void;

/**
 * Makes a handler of the gRPC server: the request is parsed, and whatever goes wrong ends this request alone, with a
 * diagnostic that Terraform shows with the resource.
 *
 * Source: docs/plugin-protocol/tfplugin5.proto in hashicorp/terraform, every response has `diagnostics`.
 *
 * @param name of the RPC, e.g. `PlanResourceChange`
 * @example
 * grpcHandler('ReadResource', async () => ({ new_state: writeValue(null) }), (place, error) => log(place, error));
 */
export function grpcHandler(name: string, handler: Handler, reportFault: ReportFault): handleUnaryCall<unknown, object> {
  const answer = async (message: unknown): Promise<object> => {
    let place = name;
    try {
      const request = protocolRequest.parse(message);
      if (request.type_name) place = `${name} of ${request.type_name}`;
      return await handler(request);
    } catch (error) {
      return { diagnostics: [toDiagnostic(error, place, reportFault)] };
    }
  };
  return (call, reply) => {
    // `answer` never rejects; should sending fail, the connection is gone and with it the request.
    answer(call.request).then(
      (response) => reply(null, response),
      (error: unknown) => reportFault(name, error),
    );
  };
}

/**
 * The diagnostic of an error: one of the account by its code; one that nobody foresaw is reported too.
 *
 * @param place the RPC and the resource type, e.g. `ApplyResourceChange of aws_sqs_queue`
 */
export function toDiagnostic(error: unknown, place: string, reportFault: ReportFault): Diagnostic {
  if (error instanceof ServiceError) return { severity: 'ERROR', summary: `${error.code}: ${error.message}` };
  if (error instanceof FileError) return { severity: 'ERROR', summary: error.message };
  if (error instanceof ValueError) return { severity: 'ERROR', summary: `${place}: ${error.message}` };
  reportFault(place, error);
  const [message, stack] = error instanceof Error ? [error.message, error.stack] : [String(error), undefined];
  return { severity: 'ERROR', summary: `The lab failed in ${place}: ${message}`, detail: stack };
}

/** The diagnostics of a configuration's problems, each at its attribute. */
export function toDiagnostics(problems: readonly Problem[]): { readonly diagnostics: readonly Diagnostic[] } {
  return {
    diagnostics: problems.map(({ path, message }) => ({
      severity: 'ERROR',
      summary: message,
      ...(path ? { attribute: { steps: [{ attribute_name: path.split('.')[0] }] } } : {}),
    })),
  };
}
