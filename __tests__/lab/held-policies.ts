import { readFileSync } from 'node:fs';
import { readModel } from '../../access/graph/read';
import { resourcesBefore, resourcesOf, type TerraformResource } from '../../access/graph/terraform-resource';
import { type AccessModel, heldPolicyId, mapPolicies } from '../../access/model/access-model';
import type { Lab } from '../../lab/lab';
import { actorWith } from '../../proof/actors';
import { Clients } from '../../proof/clients';
import { documentsOf, readChanges } from '../access/silent-changes/changes';

/** The texts of the policies of a model, by `heldPolicyId`. */
export function textsOf(model: AccessModel): Map<string, string> {
  const texts = new Map<string, string>();
  mapPolicies(model, (policy) => {
    texts.set(heldPolicyId(policy), policy.text);
    return policy;
  });
  return texts;
}

/** What becomes of policies by a change of __tests__/access/silent-changes/, by `heldPolicyId`. */
export function changedTexts(file: string, title: string): Map<string, string> {
  const change = readChanges(readFileSync(`__tests__/access/silent-changes/${file}`, 'utf8')).find((candidate) => candidate.title === title);
  if (!change) throw new Error(`${file} has no change ${title}`);
  const documents = documentsOf(change);
  const [before, after] = [
    documents.flatMap((document) => (document.planned_values ? resourcesBefore(document) : resourcesOf(document))),
    documents.flatMap(resourcesOf),
  ];
  const was = textsOf(readModel(before));
  return new Map([...textsOf(readModel(after))].filter(([id, text]) => was.has(id) && was.get(id) !== text));
}

/** The values of a resource that name it in requests. */
const value = ({ address, values }: TerraformResource, name: string): string => {
  const text = values[name];
  if (typeof text !== 'string') throw new Error(`${address} has no ${name}`);
  return text;
};

/**
 * Gives a policy of the account another text, as the root user and through AWS clients.
 *
 * @param resource the one of Terraform that holds it
 */
export async function putPolicy(lab: Lab, resource: TerraformResource, text: string): Promise<void> {
  const clients = new Clients(lab, actorWith(lab.account.sts.rootCredentials(), lab.account));
  const [iam, of] = [clients.of('iam'), (name: string) => value(resource, name)];
  switch (resource.type) {
    case 'aws_iam_policy':
      // A policy has five versions at most.
      for (const { VersionId, IsDefaultVersion } of (await iam.listPolicyVersions({ PolicyArn: of('arn') })).Versions ?? []) {
        if (!IsDefaultVersion) await iam.deletePolicyVersion({ PolicyArn: of('arn'), VersionId });
      }
      await iam.createPolicyVersion({ PolicyArn: of('arn'), PolicyDocument: text, SetAsDefault: true });
      return;
    case 'aws_iam_role':
      await iam.updateAssumeRolePolicy({ RoleName: of('name'), PolicyDocument: text });
      return;
    case 'aws_iam_role_policy':
      await iam.putRolePolicy({ RoleName: of('role'), PolicyName: of('name'), PolicyDocument: text });
      return;
    case 'aws_iam_group_policy':
      await iam.putGroupPolicy({ GroupName: of('group'), PolicyName: of('name'), PolicyDocument: text });
      return;
    case 'aws_kms_key':
      await clients.of('kms').putKeyPolicy({ KeyId: of('key_id'), Policy: text });
      return;
    case 'aws_sqs_queue_policy':
      await clients
        .of('sqs')
        .setQueueAttributes({ QueueUrl: `${lab.endpoint.url}/${lab.account.accountId}/${of('queue_url').split('/').at(-1)}`, Attributes: { Policy: text } });
      return;
    case 'aws_dynamodb_resource_policy':
      await clients.of('dynamodb').putResourcePolicy({ ResourceArn: of('resource_arn'), Policy: text });
      return;
    default:
      throw new Error(`${resource.address} holds no policy that this test changes`);
  }
}
