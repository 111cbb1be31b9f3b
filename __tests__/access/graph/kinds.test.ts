import { readFileSync } from 'node:fs';
import path from 'node:path';
import { kindOf, READ_TYPES, reasonWithoutAccess } from '../../../access/graph/kinds/kinds';
import withoutAccess from '../../../access/graph/kinds/types-without-access.json';

const PROVIDED = new Set(['account', 'region', 'partition', 'arn']);

/** The text of the provider's own binding for a type. */
const bindingOf = (type: string) =>
  readFileSync(path.join('node_modules/@cdktf/provider-aws/lib', type.replace(/^aws_/, '').replaceAll('_', '-'), 'index.js'), 'utf8');

/** Every attribute that the table names for a type: alone, in paths, in templates. */
function attributesOf(type: string): string[] {
  const kind = kindOf(type);
  const texts: string[] = [];
  const collect = (value: unknown, member: string): void => {
    if (['does', 'noun', 'verb', 'note', 'kind', 'default', 'alias', 'equals', 'form', 'types'].includes(member)) return;
    if (typeof value === 'string') texts.push(value);
    else if (Array.isArray(value)) for (const each of value) collect(each, member);
    else if (typeof value === 'object' && value !== null) for (const [name, each] of Object.entries(value)) collect(each, name);
  };
  collect(kind, '');
  return texts
    .flatMap((text) => (text.includes('{') ? [...text.matchAll(/\{(\w+)/g)].map((match) => String(match[1])) : text.split('.')))
    .filter((name) => !PROVIDED.has(name));
}

describe('the table of kinds', () => {
  it.each([...READ_TYPES])('names attributes of %s that its provider has', (type) => {
    const binding = bindingOf(type);
    for (const name of attributesOf(type)) expect([name, new RegExp(`['\\s]${name}['":]`).test(binding)]).toEqual([name, true]);
  });

  it('has each type once: what is read is not on the list of types without access', () => {
    expect(READ_TYPES.filter((type) => reasonWithoutAccess(type) !== undefined)).toEqual([]);
  });

  it.each(withoutAccess.flatMap(({ types }) => types))('lists the type %s, which its provider has, with a reason', (type) => {
    expect(bindingOf(type)).toContain(`"${type}"`);
    expect(reasonWithoutAccess(type)).toMatch(/\w+ \w+/);
  });
});
