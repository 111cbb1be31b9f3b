import { type AccessCase, decideCase } from '../cases';
import { Failure } from './failure';
import { readJson } from './read-json';

/** Runs files of access cases; prints each that differs, then how many passed. @returns the exit code */
export function evaluateCases(files: readonly string[], print: (line: string) => void): number {
  if (files.length === 0) throw new Failure('Name a file of cases: npm run access -- evaluate CASES.json', 2);
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    for (const [index, one] of readCases(file).entries()) {
      const { outcome, reason } = decideCase(one);
      if (outcome === one.expected) {
        passed += 1;
        continue;
      }
      failed += 1;
      print(`${one.name || `case ${index + 1}`}: expected ${one.expected}, but it is ${outcome}${reason ? ` (${reason})` : ''}`);
    }
  }
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function readCases(file: string): AccessCase[] {
  const cases = readJson(file);
  if (!Array.isArray(cases)) throw new Failure(`${file} is not a list of cases`, 2);
  for (const [index, one] of (cases as Partial<AccessCase>[]).entries()) {
    const { principal, action, resource } = one?.request ?? {};
    if ([principal, action, resource].some((value) => typeof value !== 'string') || typeof one.policies !== 'object' || typeof one.expected !== 'string') {
      throw new Failure(`${file}: case ${index + 1} needs request.principal, request.action, request.resource, policies and expected`, 2);
    }
  }
  return cases as AccessCase[];
}
