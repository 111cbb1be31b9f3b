import type { WhoReport } from '../who/render';
import type { Finding } from './sarif';

/** What is open or looks mistaken in the access of a project, as findings for code scanning. Who can do what is no finding. */
export function whoFindings({ resources, warnings, undetermined }: WhoReport): Finding[] {
  return [
    ...resources.flatMap(({ id, address, verbs }) =>
      verbs.flatMap(({ verb, undetermined: holders }) =>
        holders.map(({ principal, actions, part, statements }): Finding => {
          const where = part === undefined ? '' : ` on ${part}`;
          const message = `${id}, ${verb}: ${principal}: ${actions.join(', ')}${where}, by ${statements.join(' and ')}`;
          return { rule: 'undetermined', id: message, message, addresses: [address] };
        }),
      ),
    ),
    ...undetermined.map(({ address, reason }): Finding => {
      const message = `${address}: ${reason}`;
      return { rule: 'undetermined', id: message, message, addresses: [address] };
    }),
    ...warnings.map(
      ({ address, reason }): Finding => ({ rule: 'mistaken-policy', id: `${address} | ${reason}`, message: `${address}: ${reason}`, addresses: [address] }),
    ),
  ];
}
