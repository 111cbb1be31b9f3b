import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { formatAddress, parseAddress } from '../../../access/graph/address';
import { attributeValues } from '../../../access/graph/attributes';
import { parseTerraformDocument } from '../../../access/graph/terraform-json';
import { resourcesOf, type TerraformResource } from '../../../access/graph/terraform-resource';
import { runTerraform, terraformEnvironment } from '../../../cli/shared/terraform';

const ROOT = `
variable "suffix" { default = "standard" }
locals { names = toset(["a", "b.c"]) }
resource "terraform_data" "base" {
  for_each = local.names
  input    = each.key
}
resource "terraform_data" "keyed" {
  for_each = local.names
  input    = terraform_data.base[each.key].output
}
resource "terraform_data" "chained" {
  for_each = terraform_data.base
  input    = each.value.output
}
resource "terraform_data" "one" { input = terraform_data.base["b.c"].output }
resource "terraform_data" "counted" {
  count = 2
  input = { listed = [terraform_data.one.output, "known"] }
}
resource "terraform_data" "second" { input = terraform_data.counted[1].output }
resource "terraform_data" "any" { input = [for each in terraform_data.counted : each.output] }
resource "terraform_data" "hidden" { input = local.hidden }
locals { hidden = terraform_data.one.output }
module "outer" {
  for_each = local.names
  source   = "./outer"
  given    = terraform_data.base[each.key].output
  whole    = { base = terraform_data.base["a"] }
}
resource "terraform_data" "of_module" { input = module.outer["b.c"].made }
`;

const OUTER = `
variable "given" {}
variable "whole" {}
module "inner" {
  source = "./inner"
  given  = var.given
}
resource "terraform_data" "whole" { input = var.whole.base.output }
output "made" { value = module.inner.made }
`;

const INNER = `
variable "given" {}
resource "terraform_data" "made" { input = var.given }
output "made" { value = terraform_data.made.output }
`;

describe('references in a plan that Terraform made', () => {
  let folder: string;
  let resources: readonly TerraformResource[];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'references-'));
    mkdirSync(path.join(folder, 'outer', 'inner'), { recursive: true });
    writeFileSync(path.join(folder, 'main.tf'), ROOT);
    writeFileSync(path.join(folder, 'outer', 'main.tf'), OUTER);
    writeFileSync(path.join(folder, 'outer', 'inner', 'main.tf'), INNER);
    const options = { cwd: folder, env: terraformEnvironment() };
    await runTerraform(['init', '-input=false', '-no-color'], options);
    await runTerraform(['plan', '-input=false', '-no-color', '-out=plan'], options);
    resources = resourcesOf(parseTerraformDocument(JSON.parse(await runTerraform(['show', '-json', 'plan'], options)), 'plan'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What the input of a resource leads to: addresses with the path of the attribute. */
  function inputOf(address: string, attribute = 'input'): unknown[] {
    const resource = resources.find((candidate) => candidate.address === address);
    if (!resource) throw new Error(`no ${address} in ${resources.map((each) => each.address).join(', ')}`);
    return attributeValues(resource, attribute).flatMap((value): unknown[] =>
      value.kind === 'known'
        ? [{ known: value.value }]
        : value.resolutions.map((resolution) => (resolution.kind === 'resource' ? `${resolution.resource.address} ${resolution.path}` : resolution)),
    );
  }

  it.each([
    ['terraform_data.keyed["b.c"]', ['terraform_data.base["b.c"] ']],
    ['terraform_data.chained["a"]', ['terraform_data.base["a"] output']],
    ['terraform_data.one', ['terraform_data.base["b.c"] output']],
    ['terraform_data.second', ['terraform_data.counted[1] output']],
    ['terraform_data.of_module', ['module.outer["b.c"].module.inner.terraform_data.made output']],
    ['module.outer["b.c"].module.inner.terraform_data.made', ['terraform_data.base["b.c"] ']],
    // Of an object that is passed to a module the JSON shows references only, not its members.
    ['module.outer["a"].terraform_data.whole', ['terraform_data.base["a"] base.output']],
    ['terraform_data.any', ['terraform_data.counted[0] ', 'terraform_data.counted[1] ']],
  ])('leads from %s to %j', (address, expected) => {
    expect(inputOf(address)).toEqual(expected);
  });

  it('keeps what is known apart from what is not, and names what the JSON does not show', () => {
    expect(inputOf('terraform_data.base["a"]')).toEqual([{ known: 'a' }]);
    expect(inputOf('terraform_data.counted[0]', 'input.listed')).toEqual([{ known: ['known'] }, 'terraform_data.one output']);
    expect(inputOf('terraform_data.hidden')).toEqual([{ kind: 'unresolved', reference: 'local.hidden' }]);
  });
});

describe('an address', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
  const part = fc.record({ name, key: fc.option(fc.oneof(fc.nat(), fc.string()), { nil: undefined }) }, { requiredKeys: ['name'] });

  it('is read as it was written, whatever its keys', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const written = parts.map((each) => (each.key === undefined ? { name: each.name } : { name: each.name, key: each.key }));
        expect(parseAddress(formatAddress(written))).toEqual(written);
      }),
    );
  });
});
