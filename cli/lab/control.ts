import { randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { RawRequest } from '../../lab/endpoint/authenticate';
import type { Answer } from '../../lab/endpoint/protocol';
import type { AttachedRun, Credentials, Lab } from '../../lab/lab';
import type { Identities } from '../../proof/identities';
import { isExpected } from '../shared/expected-errors';
import { UserError } from '../shared/user-error';
import { type Attached, type ControlRequest, type LabStatus, REQUESTS } from './control-requests';

/** `lab status` shows so many faults. */
const SHOWN_FAULTS = 5;

/** The faults that a lab has recorded. */
export interface Faults {
  readonly total: number;
  /** The latest, oldest first. */
  list(): readonly { readonly at: Date; readonly where: string; readonly message: string }[];
}

/** What a control works with. */
export interface ControlOptions {
  /** The lab is asked to stop. */
  readonly onStop: () => void;
  /** The faults of a lab; none are shown without it. */
  readonly faultsOf?: (lab: Lab) => Faults;
}

type Handler = (input: unknown) => Promise<object>;

/** Lets other processes of the same user control a lab: they know its token from a private file. */
export class Control {
  readonly token = randomBytes(32).toString('hex');
  private readonly runs = new Map<string, AttachedRun>();
  private identities: Identities | undefined;

  constructor(private readonly options: ControlOptions) {}

  /** Sets whose credentials it may give. */
  use(identities: Identities): void {
    this.identities = identities;
  }

  /** Answers one request. */
  async answer(request: RawRequest, lab: Lab): Promise<Answer> {
    const given = Buffer.from(String(request.headers.authorization ?? ''));
    const wanted = Buffer.from(`Bearer ${this.token}`);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return reply(403, { error: 'Not the token of this lab' });
    const handler = this.handlers(lab).get(request.url.slice('/_lab/'.length));
    if (!handler) return reply(404, { error: `A lab does not answer ${request.url}` });
    try {
      return reply(200, await handler(JSON.parse(request.body.toString() || '{}')));
    } catch (error) {
      if (error instanceof z.ZodError || error instanceof SyntaxError) return reply(400, { error: `The request is not in its form: ${error.message}` });
      if (isExpected(error)) return reply(400, { error: error.message });
      return reply(500, { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }

  private handlers(lab: Lab): ReadonlyMap<string, Handler> {
    const { account } = lab;
    return new Map([
      handle(REQUESTS.attach, ({ as, folders }) => this.attach(lab, as, folders)),
      handle(REQUESTS.detach, async ({ id }) => this.detach(id)),
      handle(REQUESTS.credentials, ({ as }) => this.credentials(as)),
      handle(REQUESTS.advance, async ({ seconds }) => {
        account.clock.advance(seconds * 1000);
        return { now: account.clock.date().toISOString() };
      }),
      handle(REQUESTS.status, async () => this.status(lab)),
      handle(REQUESTS.stop, async () => {
        setImmediate(this.options.onStop);
        return {};
      }),
    ]);
  }

  private async credentials(as: string): Promise<Credentials> {
    if (!this.identities) throw new UserError('The lab is still starting');
    return this.identities.credentials(as);
  }

  private async attach(lab: Lab, as: string, folders: readonly string[]): Promise<Attached> {
    const credentials = await this.credentials(as);
    const run = await lab.attach(credentials.accessKeyId, folders);
    const id = randomBytes(8).toString('hex');
    this.runs.set(id, run);
    return { id, reattach: run.reattach, credentials, endpointUrl: lab.endpoint.url, region: lab.account.region, stateFolder: lab.stateFolder };
  }

  private detach(id: string): Record<string, never> {
    this.runs.get(id)?.detach();
    this.runs.delete(id);
    return {};
  }

  private status(lab: Lab): LabStatus {
    const faults = this.options.faultsOf?.(lab);
    const latest = faults?.list().slice(-SHOWN_FAULTS) ?? [];
    return {
      accountId: lab.account.accountId,
      now: lab.account.clock.date().toISOString(),
      endpointUrl: lab.endpoint.url,
      plainEndpointUrl: lab.plainEndpoint.url,
      faults: { total: faults?.total ?? 0, latest: latest.map(({ at, where, message }) => ({ time: at.toISOString(), where, message })) },
    };
  }
}

function handle<Input, Output extends object>({ name, input }: ControlRequest<Input, Output>, run: (input: Input) => Promise<Output>): [string, Handler] {
  return [name, async (given) => run(input.parse(given))];
}

function reply(status: number, body: object): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
