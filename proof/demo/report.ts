import Table from 'cli-table3';
import colour from 'picocolors';

/** One line of the proof: what was expected, what was observed, and which statement decided. */
export interface Finding {
  readonly what: string;
  readonly expected: string;
  readonly observed: string;
  readonly decidedBy: string;
}

/** Whether what was observed is what was expected. */
export const passed = ({ expected, observed }: Finding) => expected === observed;

/** The findings as a table for the terminal. */
export function renderFindings(findings: readonly Finding[]): string {
  const table = new Table({ head: ['', 'what', 'expected', 'observed', 'deciding statement'], style: { head: [], border: [] } });
  for (const finding of findings) {
    table.push([passed(finding) ? colour.green('✔') : colour.red('✘'), finding.what, finding.expected, finding.observed, finding.decidedBy]);
  }
  return table.toString();
}
