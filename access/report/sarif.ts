import { createHash } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { RULES, type RuleId } from './rules';

/** Something that is told about access, in the terms of code scanning. */
export interface Finding {
  readonly rule: RuleId;
  /** Stable from one run to the next, as lists of accepted differences name it. */
  readonly id: string;
  readonly message: string;
  /** Addresses of the Terraform resources that it is about. */
  readonly addresses: readonly string[];
  /** What it is about where no address is known, e.g. `user ann`. */
  readonly subject?: string;
  /** The file that it is in, where no address tells that. */
  readonly file?: string;
}

/** Where findings come from, and what made them. */
export interface SarifOptions {
  /** The file that tells of a resource; without an address, or with one that is in no file, the first file. */
  readonly fileOf: (address: string | undefined) => string;
  /** The version of this project. */
  readonly version: string;
}

/**
 * Findings as a log in SARIF 2.1.0, for code scanning. Every rule is in it, so that rules without a result are known as well.
 * Terraform's JSON has no lines that mean anything, so every result is on the first one of its file; resources are logical
 * locations.
 *
 * Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
 * @example
 * const log = toSarif(changeFindings(change), { fileOf: () => 'plan.json', version: '1.0.0' });
 */
export function toSarif(findings: readonly Finding[], { fileOf, version }: SarifOptions): string {
  const ruleIds = Object.keys(RULES);
  const driver = { name: 'access', version, rules: Object.entries(RULES).map(([id, rule]) => ({ id, ...descriptorOf(rule) })) };
  const results = findings.map((finding) => ({
    ruleId: finding.rule,
    ruleIndex: ruleIds.indexOf(finding.rule),
    level: RULES[finding.rule].level,
    message: { text: finding.message },
    locations: [locationOf(finding, fileOf)],
    partialFingerprints: fingerprintsOf(finding),
  }));
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results }],
  };
  return JSON.stringify(log, null, 1);
}

function descriptorOf({ name, level, summary, help }: (typeof RULES)[RuleId]) {
  return {
    name,
    shortDescription: { text: summary },
    fullDescription: { text: help },
    help: { text: help },
    defaultConfiguration: { level },
    properties: { tags: ['security', 'access'] },
  };
}

function locationOf({ addresses, subject, file }: Finding, fileOf: SarifOptions['fileOf']) {
  const named = [...new Set(addresses)].map((address) => ({ fullyQualifiedName: address, kind: 'resource' }));
  const logicalLocations = named.length > 0 || subject === undefined ? named : [{ name: subject, kind: 'resource' }];
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(file ?? fileOf(addresses[0])) }, region: { startLine: 1 } },
    ...(logicalLocations.length > 0 ? { logicalLocations } : {}),
  };
}

/**
 * GitHub tells results apart by `primaryLocationLineHash`, and makes it of the file's line where it is absent.
 * Source: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
function fingerprintsOf({ rule, id }: Finding) {
  return { 'accessId/v1': id, primaryLocationLineHash: createHash('sha256').update(`${rule} ${id}`).digest('hex') };
}

/** A path within the current folder is relative to it, as code scanning expects paths of the repository. */
function uriOf(file: string): string {
  const relative = path.relative('.', file);
  if (relative.startsWith('..') || path.isAbsolute(relative)) return pathToFileURL(file).href;
  return relative.split(path.sep).map(encodeURIComponent).join('/');
}
