import { parseArn } from '../../evaluator/arn';
import { matchesGlob } from '../../evaluator/glob';
import { globsOverlap } from '../../evaluator/service-data/globs';
import type { ProtectedResource } from '../model/access-model';
import { serviceActions, type Verb } from './verbs';

/** One action on one resource, or on a part of it. */
export interface Question {
  readonly action: string;
  readonly verb: Verb;
  /** The ARN to ask about. */
  readonly resource: string;
  /** The pattern of the part that it is a part of; absent for the resource itself and for any of its parts. */
  readonly part?: string;
}

/** In the place of a wildcard: nothing else is called so. */
const SAMPLE = 'sample';

/**
 * What can be asked about a resource: each action that its service has on such a resource or on parts of it.
 *
 * @param patterns Resource patterns of the policies: they may tell one part from another
 */
export function questionsOf(resource: ProtectedResource, patterns: readonly string[]): Question[] {
  const { arn, parts, kind } = resource;
  const services = kind === 'trust' ? ['sts', 'iam'] : [parseArn(arn)?.service ?? ''];
  const samples = parts.flatMap((part) => samplesOf(part, patterns));
  return services.flatMap(serviceActions).flatMap(({ name: action, verb, templates }): Question[] => {
    if (templates.some((template) => matchesGlob(template, arn))) return wholesOf(resource).map((whole) => ({ action, verb, resource: whole }));
    return samples
      .filter(({ sample }) => templates.some((template) => matchesGlob(template, sample)))
      .map(({ sample, pattern }) => ({ action, verb, resource: sample, part: pattern }));
  });
}

/**
 * A log group is written with and without the star for its streams.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
const wholesOf = ({ arn, type }: ProtectedResource) => (type === 'aws_cloudwatch_log_group' ? [arn, `${arn}:*`] : [arn]);

interface Sample {
  readonly sample: string;
  readonly pattern?: string;
}

/** One ARN for any part, and one for each pattern that some parts match. */
function samplesOf(part: string, patterns: readonly string[]): Sample[] {
  const special = patterns.filter((pattern) => pattern.startsWith('arn:') && pattern !== part && globsOverlap(pattern.replace(/\$\{[^}]*\}/g, '*'), part));
  const narrower = special.map((pattern) => ({ pattern, sample: sampleOf(pattern) })).filter(({ sample }) => matchesGlob(part, sample));
  return [{ sample: sampleOf(part) }, ...new Map(narrower.map((each) => [each.sample, each])).values()];
}

const sampleOf = (pattern: string) => pattern.replace(/\$\{[^}]*\}|\*/g, SAMPLE).replaceAll('?', 'x');
