import { matchesGlob } from '../../evaluator/glob';
import { memoize } from '../../evaluator/memoize';
import { many, type StatementDocument } from '../../evaluator/policy/document';
import { serviceNames } from '../../evaluator/request-space/service-catalog';
import { type AccessLevel, accessLevelOf, serviceData } from '../../evaluator/service-data/service-data';

/** An action with what it does; `unknown` when the service data do not have it. */
export interface LeveledAction {
  /** `service:Operation`; the pattern itself when it matches no action of the service data. */
  readonly action: string;
  readonly accessLevel: AccessLevel | 'unknown';
}

/** The actions of a statement, each once, its patterns replaced by all actions of the service data that they match. */
export function expandActions(statement: StatementDocument): readonly LeveledAction[] {
  if (statement.NotAction !== undefined) {
    const exempt = new Set(many(statement.NotAction).flatMap((pattern) => expandPattern(pattern).map(({ action }) => action)));
    return expandPattern('*').filter(({ action }) => !exempt.has(action));
  }
  return [...new Map(many(statement.Action).flatMap((pattern) => expandPattern(pattern).map((leveled) => [leveled.action, leveled] as const))).values()];
}

/** An action that no service has is kept as it is written: AWS may have one that is newer than the data. */
const expandPattern = memoize((pattern: string): readonly LeveledAction[] => {
  const [prefix = '', name = '*'] = pattern === '*' ? ['*'] : pattern.toLowerCase().split(':');
  const services = /[*?]/.test(prefix) ? serviceNames().filter((service) => matchesGlob(prefix, service)) : [prefix];
  const known = services.flatMap((service) =>
    actionsOfService(service).filter(({ action }) => matchesGlob(name, action.slice(service.length + 1).toLowerCase())),
  );
  return known.length > 0 ? known : [{ action: pattern, accessLevel: 'unknown' }];
});

const actionsOfService = memoize((service: string): readonly LeveledAction[] =>
  [...(serviceData(service)?.actions.values() ?? [])].map(({ name }) => {
    const action = `${service}:${name}`;
    return { action, accessLevel: accessLevelOf(action) ?? 'unknown' };
  }),
);
