import type { Finding } from '../../access/report/sarif';
import type { Comparison } from '../../evaluator/request-space/compare';
import { describeGroup } from './compare-text';

/**
 * The differences of two policies as findings for code scanning: the second is taken to replace the first.
 *
 * @param allowed what the policies allow, each alone
 * @param denied what they let pass where everything else is allowed; absent when neither denies anything
 * @param files those of the first and of the second policy
 */
export function comparisonFindings(allowed: Comparison, denied: Comparison | undefined, files: readonly [string, string]): Finding[] {
  const reasons = new Set([...allowed.undetermined, ...(denied?.undetermined ?? [])]);
  return [
    ...groupFindings(allowed, 'allows', files),
    ...(denied ? groupFindings(denied, 'denies', files) : []),
    ...[...reasons].map((reason): Finding => ({ rule: 'undetermined', id: reason, message: reason, addresses: [], file: files[1] })),
  ];
}

function groupFindings({ groups }: Comparison, verb: 'allows' | 'denies', files: readonly [string, string]): Finding[] {
  return groups.map((group): Finding => {
    const { side, allowing, denying } = group;
    return {
      rule: side === 1 ? 'policy-allows-more' : 'policy-allows-less',
      id: JSON.stringify([verb, side, allowing, denying]),
      message: describeGroup(group, verb)
        .map((line) => line.trim())
        .join('; '),
      addresses: [],
      subject: [...allowing, ...denying].join(', ') || undefined,
      // What is gone stands in the first policy: an Allow of it, or a Deny that the second does not have.
      file: files[(side === 1) === (verb === 'allows') ? 1 : 0],
    };
  });
}
