import { ResourceGraph } from '../../access/graph/graph';
import { resourcesOf } from '../../access/graph/terraform-resource';
import { toSarif } from '../../access/report/sarif';
import { whoFindings } from '../../access/report/who-findings';
import { renderWho } from '../../access/who/render';
import { whoReportOf } from '../../access/who/report';
import { defineCommand } from '../shared/command-line';
import { projectVersion } from '../shared/project';
import { FILES_ARGUMENT, LOCATION_OPTIONS } from './deployment';
import { fileFinder, readDocuments, readProject } from './terraform-documents';

const EXIT = { decided: 0, error: 1, undetermined: 3 } as const;

/** `npm run access -- who` */
export const whoCommand = defineCommand(
  {
    name: 'who',
    summary: 'who can read, write, delete, use, administer or assume each store, key and role, by which statements',
    details: `For the plans and states of any project (docs/access-elsewhere.md). What depends on what nobody knows before the request, or
is of a type that is not supported, is undetermined, never "no".`,
    options: {
      format: { type: 'string', choices: ['text', 'json', 'sarif'], default: 'text', description: 'form of the result' },
      ...LOCATION_OPTIONS,
    },
    arguments: { files: FILES_ARGUMENT },
    examples: ['npm run access -- who plan.json', 'npm run access -- who --account 111122223333 --region eu-west-1 --format json plan.json state.json'],
    exitCodes: { 0: 'everything is decided', 1: 'error, also when called wrongly', 3: 'something is undetermined' },
    errorExitCode: EXIT.error,
  },
  async ({ files, format, account, region }, { print }) => {
    // Files of any project; without files, the states of this one.
    const documents = await (files.length > 0 ? readProject(files, 'any') : readDocuments(['state']));
    const report = whoReportOf(new ResourceGraph(documents.documents.flatMap(resourcesOf), { account, region }));
    if (format === 'sarif') print(toSarif(whoFindings(report), { fileOf: fileFinder(documents), version: projectVersion() }));
    else print(format === 'json' ? JSON.stringify(report, null, 2) : renderWho(report));
    const isOpen = report.undetermined.length > 0 || report.resources.some(({ verbs }) => verbs.some(({ undetermined }) => undetermined.length > 0));
    return isOpen ? EXIT.undetermined : EXIT.decided;
  },
);
