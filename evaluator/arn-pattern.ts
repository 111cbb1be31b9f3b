import { splitVariables } from './pattern';

/**
 * The components of an ARN in a policy, of which the sixth holds all that follows. A policy variable counts as part of one
 * component, whatever its value holds.
 *
 * @param variables whether `${…}` is a policy variable: only in Version 2012-10-17
 */
export function arnComponents(pattern: string, variables: boolean): string[] {
  const components = [''];
  for (const { text, isVariable } of variables ? splitVariables(pattern) : [{ text: pattern, isVariable: false }]) {
    const [first = '', ...others] = isVariable ? [text] : text.split(':');
    components[components.length - 1] += first;
    for (const other of others) components.push(other);
  }
  return components.length <= 6 ? components : [...components.slice(0, 5), components.slice(5).join(':')];
}

/**
 * An ARN of a Resource element as AWS reads it: what is missing at its end is completed with stars. `undefined` when it is
 * no ARN: its service must be there, without wildcard.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function completeArn(pattern: string, variables: boolean): string | undefined {
  const components = arnComponents(pattern, variables);
  const [prefix, partition, service, , account = '*'] = components;
  if (prefix !== 'arn' || !partition || !service || /[*?]/.test(service)) return undefined;
  if (components.length >= 6) return pattern;
  // Fewer than six components that end in a name, such as arn:aws:s3::bucket, have a colon too few.
  if (!isAccountPattern(account)) return undefined;
  return [...components, '*', '*', '*', '*', '*'].slice(0, 6).join(':');
}

/** Twelve digits, some of them perhaps by wildcards or a variable; or nothing, as in the ARN of a bucket. */
function isAccountPattern(text: string): boolean {
  return text === '' || text.startsWith('${') || /^\d{12}$/.test(text) || (/^[\d*?]+$/.test(text) && /[*?]/.test(text));
}
