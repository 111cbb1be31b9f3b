/** A value or several. */
type Values = string | readonly string[];

/** One statement of an IAM policy. Every statement has an id that says whom it serves. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | { readonly AWS: Values } | { readonly Service: string };
  readonly Action?: Values;
  readonly NotAction?: Values;
  readonly Resource?: Values;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Values>>>>;
}

/** An IAM policy document. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** Makes a document of statements. */
export function policy(...statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

/** A policy variable, which IAM replaces by a value of the request, e.g. `aws:username`. */
export function policyVariable(key: string): string {
  return `\${${key}}`;
}

/**
 * A value that Terraform computes: the expression yields JSON text, which stands unquoted in the document.
 *
 * @param expression a string token, e.g. `Fn.jsonencode(…)`
 */
export function computedJson(expression: string): string {
  return `computed-json(${expression})`;
}

/**
 * The JSON text that Terraform gets. IAM's own variables (`${aws:username}`) are escaped, so that Terraform does not take
 * them for its references; references of CDKTF stay.
 */
export function policyJson(document: PolicyDocument): string {
  return JSON.stringify(document)
    .replace(/\$\{(?!TfToken\[)/g, '$$$${')
    .replace(/"computed-json\((\$\{TfToken\[[^\]]+\]\})\)"/g, '$1');
}
