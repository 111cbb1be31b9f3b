import { createHash, randomUUID } from 'node:crypto';
import type { CreateGrantRequest, CreateGrantResponse, ListGrantsRequest, ListGrantsResponse, RevokeGrantRequest } from '@aws-sdk/client-kms';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { contextKeys } from './context-keys';
import { requireState } from './key';
import type { KeyStore } from './key-store';
import { refuseMembers } from './refuse-members';

const operation = operationsOf('kms', ['KeyId']);

/** Operations on grants. The account applies a grant at once, as AWS does for a caller that presents the grant token. */
export function grantOperations(kms: KeyStore) {
  const find = (input: { KeyId?: string }) => kms.find(input.KeyId);
  return {
    CreateGrant: operation<CreateGrantRequest, CreateGrantResponse>('CreateGrant', {
      event: 'write',
      target: (input, call) => {
        refuseMembers('CreateGrant', input, ['GrantTokens', 'DryRun']);
        const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = input.Constraints ?? {};
        return kms.target(find(input), {
          ...contextKeys({ ...equals, ...subset }),
          'kms:GrantOperations': input.Operations ?? [],
          'kms:GrantIsForAWSResource': String(call.viaService !== undefined),
        });
      },
      describe: (input) => ({
        parameters: { keyId: input.KeyId, granteePrincipal: input.GranteePrincipal, operations: input.Operations, constraints: input.Constraints },
        resources: [{ type: 'AWS::KMS::Key', arn: String(input.KeyId) }],
      }),
      run: (input) => {
        const key = find(input);
        requireState(key, 'usable');
        const id = createHash('sha256').update(randomUUID()).digest('hex');
        key.grants.push({
          id,
          keyArn: key.arn,
          grantee: String(input.GranteePrincipal),
          operations: input.Operations ?? [],
          constraints: {
            encryptionContextEquals: input.Constraints?.EncryptionContextEquals,
            encryptionContextSubset: input.Constraints?.EncryptionContextSubset,
          },
        });
        return { GrantId: id, GrantToken: Buffer.from(id).toString('base64') };
      },
    }),
    ListGrants: operation<ListGrantsRequest, ListGrantsResponse>('ListGrants', {
      event: 'read',
      target: (input) => kms.target(find(input)),
      run: (input) => ({
        Grants: find(input).grants.map((grant) => ({
          KeyId: grant.keyArn,
          GrantId: grant.id,
          GranteePrincipal: grant.grantee,
          Operations: [...grant.operations] as CreateGrantRequest['Operations'],
          Constraints: {
            EncryptionContextEquals: grant.constraints?.encryptionContextEquals,
            EncryptionContextSubset: grant.constraints?.encryptionContextSubset,
          },
        })),
        Truncated: false,
      }),
    }),
    RevokeGrant: operation<RevokeGrantRequest, object>('RevokeGrant', {
      event: 'write',
      target: (input) => kms.target(find(input)),
      run: (input) => {
        const { grants } = find(input);
        const index = grants.findIndex((grant) => grant.id === input.GrantId);
        if (index < 0) throw new ServiceError('NotFoundException', `Grant ID ${input.GrantId} not found`);
        grants.splice(index, 1);
        return {};
      },
    }),
  };
}
