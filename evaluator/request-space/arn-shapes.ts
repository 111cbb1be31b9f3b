import { automatonOf, type TextAutomaton, type Token } from './text-automaton';

const text = (literal: string): Token[] => [...literal].map((character) => ({ character }));
const some = (except: string): Token[] => [{ except }, { except, repeats: true }];
const anyOf = (except: string): Token[] => [{ except, repeats: true }];
const rest: readonly Token[] = [{}, { repeats: true }];

/** The texts that are an ARN of any kind. */
export const ANY_ARN: TextAutomaton = automatonOf([
  ...text('arn:aws'),
  ...anyOf(':'),
  ...text(':'),
  ...some(':'),
  ...text(':'),
  ...anyOf(':'),
  ...text(':'),
  ...anyOf(':'),
  ...text(':'),
  ...rest,
]);

/**
 * Names at the end of an ARN that hold no slash, by the beginnings of their templates: a bucket's, and the ids of API Gateway.
 * Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html,
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
 */
const WITHOUT_SLASH = [/^arn:\*:s3:::\*$/, /^arn:\*:apigateway:.*(?<!\/(routesettings|requestparameters|basepathmappings))\/\*$/];

/** Of regions, account numbers, and the names that stand for them in ARNs of what AWS owns, such as `aws`. */
const NAME_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-';

const shapes = new Map<string, TextAutomaton>();

/**
 * The texts that are ARNs of a template of the service data, in which `*` stands for each variable part. Region
 * and account hold lower-case letters, digits and hyphens, and may be empty, as they are for what AWS itself owns. A variable
 * part of a resource's name holds at least one character; one in the middle ends where the text begins that follows it, or
 * the ARN could not be read.
 */
export function shapeOf(template: string): TextAutomaton {
  let shape = shapes.get(template);
  if (shape === undefined) {
    shape = automatonOf(tokensOfTemplate(template));
    shapes.set(template, shape);
  }
  return shape;
}

function tokensOfTemplate(template: string): readonly Token[] {
  const parts = template.split(':');
  if (parts.length < 6) return [...text('arn:'), ...rest];
  const literals = parts.slice(5).join(':').split('*');
  const last = WITHOUT_SLASH.some((pattern) => pattern.test(template)) ? some(':/') : rest;
  return [
    ...parts.slice(0, 5).flatMap((part, index) => [...segment(part, index), ...text(':')]),
    ...literals.flatMap((literal, index) => [...(index === 0 ? [] : literal === '' ? last : some(literal.charAt(0))), ...text(literal)]),
  ];
}

function segment(part: string, index: number): readonly Token[] {
  if (part !== '*') return part.split('*').flatMap((literal, at) => [...(at === 0 ? [] : anyOf(':')), ...text(literal)]);
  return index === 1 ? [...text('aws'), ...anyOf(':')] : [{ only: NAME_CHARACTERS, repeats: true }];
}

const PREFERRED = ['aws', undefined, 'eu-west-1', '111122223333'];

/**
 * An ARN of the same class that looks like one of AWS: a usual partition, region and account where none is asked for.
 *
 * @param isSameClass whether the ARN given is of the class and shape of the first
 * @param account the account to prefer
 */
export function usualArn(arn: string, isSameClass: (arn: string) => boolean, account: string | undefined): string {
  const parts = arn.split(':');
  for (const [index, preferred] of [PREFERRED[0], undefined, PREFERRED[2], account ?? PREFERRED[3]].entries()) {
    if (preferred === undefined) continue;
    const changed = [...parts];
    changed[index + 1] = preferred;
    if (parts.length >= 6 && isSameClass(changed.join(':'))) parts[index + 1] = preferred;
  }
  return parts.join(':');
}
