/** The key of an instance: of `count` a number, of `for_each` a text. */
export type InstanceKey = string | number;

/** One part of an address or reference between its dots: `queue["a.b"]` is the name `queue` with the key `a.b`. */
export interface AddressPart {
  readonly name: string;
  readonly key?: InstanceKey;
}

/**
 * Splits an address or a reference of Terraform at its dots, except those in keys.
 *
 * @example parseAddress('module.m["a.b"].aws_sqs_queue.q[0].arn').map(({ name }) => name); // ['module', 'm', 'aws_sqs_queue', 'q', 'arn']
 */
export function parseAddress(text: string): AddressPart[] {
  const parts: AddressPart[] = [];
  const pattern = /([^.[\]]+)((?:\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\])*)/g;
  for (const [, name = '', keys = ''] of text.matchAll(pattern)) {
    const key = /^\[("(?:[^"\\]|\\.)*"|\d+)\]/.exec(keys)?.[1];
    parts.push(key === undefined ? { name } : { name, key: key.startsWith('"') ? unquote(key) : Number(key) });
  }
  return parts;
}

/** A key in double quotes; HCL escapes like JSON, and `$${` besides. */
function unquote(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}

/** Writes an address; the counterpart of {@link parseAddress}. */
export const formatAddress = (parts: readonly AddressPart[]): string =>
  parts.map(({ name, key }) => (key === undefined ? name : `${name}[${typeof key === 'number' ? key : JSON.stringify(key)}]`)).join('.');

/** The modules that lead to a resource, outermost first, and what follows them. */
export function splitModules(parts: readonly AddressPart[]): { readonly modules: readonly AddressPart[]; readonly rest: readonly AddressPart[] } {
  let length = 0;
  while (parts[length]?.name === 'module' && parts[length + 1] !== undefined) length += 2;
  return { modules: parts.slice(0, length).filter((_part, position) => position % 2 === 1), rest: parts.slice(length) };
}

/** The address of nested module instances; empty for the root module. */
export const moduleAddress = (modules: readonly AddressPart[]): string => modules.map((part) => `module.${formatAddress([part])}`).join('.');
