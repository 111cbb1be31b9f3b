import { parseArn } from '../../evaluator/arn';
import { matchesGlob } from '../../evaluator/glob';
import type { ProtectedResource } from '../model/access-model';
import { commonGlob } from './common-glob';
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
  const samples = new Map<string, Sample[]>();
  const samplesFor = (template: string): Sample[] => {
    const known = samples.get(template) ?? parts.flatMap((part) => samplesOf(part, template, patterns));
    samples.set(template, known);
    return known;
  };
  return services.flatMap(serviceActions).flatMap(({ name: action, verb, templates }): Question[] => {
    const isWhole = (template: string) => matchesGlob(inPlaceOf(template, arn), arn);
    const wholes = templates.some(isWhole) ? wholesOf(resource).map((whole) => ({ action, verb, resource: whole })) : [];
    const asked = templates.filter((template) => !isWhole(template)).flatMap(samplesFor);
    return [...wholes, ...asked.map(({ sample, pattern }) => ({ action, verb, resource: sample, part: pattern }))];
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

/** One ARN for any part that an action acts upon, and one for each pattern that some of these match. */
function samplesOf(part: string, template: string, patterns: readonly string[]): Sample[] {
  const common = commonGlob(part, inPlaceOf(template, part));
  if (common === undefined) return [];
  const narrower = patterns.flatMap((pattern) => {
    const narrowed = commonGlob(pattern.replace(/\$\{[^}]*\}/g, '*'), common);
    return narrowed === undefined ? [] : [{ pattern, sample: sampleOf(narrowed) }];
  });
  const any = { sample: sampleOf(common) };
  return [any, ...new Map(narrower.filter(({ sample }) => sample !== any.sample).map((each) => [each.sample, each])).values()];
}

/** A template with the partition, service, region and account of an ARN: its stars stand for one of these each. */
function inPlaceOf(template: string, arn: string): string {
  const place = arn.split(':').slice(0, 5);
  const parts = template.split(':');
  return [...parts.slice(0, 5).map((part, index) => (part === '*' ? (place[index] ?? '') : part)), ...parts.slice(5)].join(':');
}

const sampleOf = (pattern: string) => pattern.replaceAll('*', SAMPLE).replaceAll('?', 'x');
