import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { RawRequest } from '../../lab/endpoint/authenticate';
import type { Answer } from '../../lab/endpoint/protocol';
import type { AttachedRun, Credentials, Lab } from '../../lab/lab';
import type { Identities } from '../../proof/identities';

/** What a command needs to run against the lab. */
export interface Attached {
  readonly id: string;
  readonly reattach: string;
  readonly credentials: Credentials;
  readonly endpointUrl: string;
  readonly region: string;
  readonly stateFolder: string;
}

/** What a running lab can be asked, by path below `/_lab/`. */
export interface ControlRequests {
  attach: { input: { as: string; folders: string[] }; output: Attached };
  detach: { input: { id: string }; output: Record<string, never> };
  credentials: { input: { as: string }; output: Credentials };
  advance: { input: { seconds: number }; output: { now: string } };
  status: { input: Record<string, never>; output: { now: string; endpointUrl: string; plainEndpointUrl: string } };
  stop: { input: Record<string, never>; output: Record<string, never> };
}

/** Lets other processes of the same person control a lab: they know its token from a private file. */
export class Control {
  readonly token = randomBytes(32).toString('hex');
  private readonly runs = new Map<string, AttachedRun>();
  private identities: Identities | undefined;

  constructor(private readonly onStop: () => void) {}

  /** Whose credentials it may hand out. */
  use(identities: Identities): void {
    this.identities = identities;
  }

  /** Answers one request. */
  async answer(request: RawRequest, lab: Lab): Promise<Answer> {
    const given = Buffer.from(String(request.headers.authorization ?? ''));
    const wanted = Buffer.from(`Bearer ${this.token}`);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return reply(403, { error: 'Not the token of this lab' });
    const name = request.url.slice('/_lab/'.length);
    try {
      const input = JSON.parse(request.body.toString() || '{}') as never;
      const handlers = this.handlers(lab);
      if (!Object.hasOwn(handlers, name)) return reply(404, { error: `There is no ${name}` });
      return reply(200, await handlers[name as keyof ControlRequests](input));
    } catch (error) {
      return reply(400, { error: (error as Error).message });
    }
  }

  private handlers(lab: Lab): { [Name in keyof ControlRequests]: (input: ControlRequests[Name]['input']) => Promise<ControlRequests[Name]['output']> } {
    const now = () => lab.account.clock.date().toISOString();
    const credentials = async (as: string) => {
      if (!this.identities) throw new Error('The lab is still starting');
      return this.identities.credentials(as);
    };
    return {
      attach: async ({ as, folders }) => {
        const chosen = await credentials(as);
        const run = await lab.attach(chosen.accessKeyId, folders);
        const id = randomBytes(8).toString('hex');
        this.runs.set(id, run);
        return { id, reattach: run.reattach, credentials: chosen, endpointUrl: lab.endpoint.url, region: lab.account.region, stateFolder: lab.stateFolder };
      },
      detach: async ({ id }) => {
        this.runs.get(id)?.detach();
        this.runs.delete(id);
        return {};
      },
      credentials: ({ as }) => credentials(as),
      advance: async ({ seconds }) => {
        lab.account.clock.advance(seconds * 1000);
        return { now: now() };
      },
      status: async () => ({ now: now(), endpointUrl: lab.endpoint.url, plainEndpointUrl: lab.plainEndpoint.url }),
      stop: async () => {
        setImmediate(this.onStop);
        return {};
      },
    };
  }
}

function reply(status: number, body: object): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
