import type { Cell } from '../matrix/matrix';

/** How somebody can come to read data in clear: the shortest chain of permitted steps. */
export interface Path {
  readonly who: string;
  /** `table` or `queue`. */
  readonly reads: string;
  /** Empty for those who read by themselves. */
  readonly steps: readonly string[];
}

/** What somebody has made of its permissions so far. */
interface Reached {
  /** Actors of the matrix that it can act as. */
  readonly identities: ReadonlySet<string>;
  /** Policies that it has changed in its favour. */
  readonly opened: ReadonlySet<string>;
  readonly steps: readonly string[];
}

interface Step {
  readonly label: string;
  readonly identity?: string;
  readonly opens?: string;
}

const MAX_STEPS = 4;

/** Data, and what reading it takes: the service's permission and the key's. */
const DATA = {
  table: {
    whole: 'Person: scan',
    service: 'Person: dynamodb:Scan',
    key: 'key of Person: Decrypt through dynamodb for Person',
    servicePolicy: 'table policy',
    keyPolicy: 'key table',
  },
  queue: {
    whole: 'people: receive',
    service: 'people: sqs:ReceiveMessage',
    key: 'key of people: Decrypt through sqs for people',
    servicePolicy: 'queue policy',
    keyPolicy: 'key queue',
  },
} as const;

/**
 * Finds who can become able to read, by steps that the matrix permits: assuming roles, changing trust, key, queue and
 * table policies, the function's code, and passing its role to another function. A changed policy is taken to allow its
 * changer everything.
 */
export function pathsToPlaintext(cells: readonly Cell[]): Path[] {
  const allowed = new Set(cells.filter((cell) => cell.outcome !== 'denied').map((cell) => `${cell.actor} | ${cell.operation}`));
  const can = (actor: string, operation: string) => allowed.has(`${actor} | ${operation}`);
  const actors = [...new Set(cells.map((cell) => cell.actor))];
  const operations = [...new Set(cells.map((cell) => cell.operation))];
  return actors.flatMap((who) =>
    (Object.keys(DATA) as (keyof typeof DATA)[]).flatMap((reads) => {
      const steps = shortest(
        who,
        (reached) => canRead(reads, reached, can),
        (reached) => stepsFrom(reached, operations, can),
      );
      return steps ? [{ who, reads, steps }] : [];
    }),
  );
}

type Can = (actor: string, operation: string) => boolean;

function canRead(reads: keyof typeof DATA, { identities, opened }: Reached, can: Can): boolean {
  const data = DATA[reads];
  return [...identities].some(
    (one) => can(one, data.whole) || ((can(one, data.service) || opened.has(data.servicePolicy)) && (can(one, data.key) || opened.has(data.keyPolicy))),
  );
}

function stepsFrom({ identities }: Reached, operations: readonly string[], can: Can): Step[] {
  return [...identities].flatMap((one): Step[] => {
    const found: Step[] = [];
    for (const operation of operations) {
      if (!can(one, operation)) continue;
      const assumed = /^assume (\w+)$/.exec(operation)?.[1];
      if (assumed) found.push({ label: `assume ${assumed}`, identity: actorOf(assumed) });
      const trusting = /^(\w+): iam:UpdateAssumeRolePolicy$/.exec(operation)?.[1];
      // The root user assumes no role, whatever its trust says.
      if (trusting && one !== 'the root user') found.push({ label: `change the trust of ${trusting} and assume it`, identity: actorOf(trusting) });
      const key = /^key (\w+): change its policy$/.exec(operation)?.[1];
      if (key) found.push({ label: `change the policy of the key ${key}`, opens: `key ${key}` });
    }
    if (can(one, 'people: change its attributes')) found.push({ label: 'change the policy of the queue', opens: 'queue policy' });
    if (can(one, 'Person: dynamodb:PutResourcePolicy')) found.push({ label: 'change the policy of the table', opens: 'table policy' });
    if (can(one, 'consumer: change its code')) found.push({ label: 'change the code of the consumer', identity: 'ConsumerRole in its function' });
    if (can(one, 'pass the role of consumer to Lambda') && can(one, 'another function: lambda:UpdateFunctionCode')) {
      found.push({ label: 'pass the role of the consumer to another function', identity: 'ConsumerRole in another function' });
    }
    return found;
  });
}

const actorOf = (role: string) => (role === 'ConsumerRole' ? 'ConsumerRole in another function' : role);

/** Breadth first over what can be reached; powers only grow, so the first hit is the shortest chain. */
function shortest(who: string, done: (reached: Reached) => boolean, next: (reached: Reached) => readonly Step[]): readonly string[] | undefined {
  let level: Reached[] = [{ identities: new Set([who]), opened: new Set(), steps: [] }];
  const seen = new Set<string>();
  for (let depth = 0; depth <= MAX_STEPS; depth++) {
    const hit = level.find(done);
    if (hit) return hit.steps;
    level = level.flatMap((reached) =>
      next(reached).flatMap((step): Reached[] => {
        const identities = new Set([...reached.identities, ...(step.identity ? [step.identity] : [])]);
        const opened = new Set([...reached.opened, ...(step.opens ? [step.opens] : [])]);
        const slot = `${[...identities].sort().join()} / ${[...opened].sort().join()}`;
        if (seen.has(slot)) return [];
        seen.add(slot);
        return [{ identities, opened, steps: [...reached.steps, step.label] }];
      }),
    );
  }
  return undefined;
}
