import type { CreateAliasRequest, ListAliasesRequest, ListAliasesResponse } from '@aws-sdk/client-kms';
import type { Call } from '../caller';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { requireState } from './key';
import type { KeyStore } from './key-store';

const operation = operationsOf('kms', ['TargetKeyId']);

/** Operations on aliases. Each needs permission on the alias and on the key. */
export function aliasOperations(kms: KeyStore) {
  const { account } = kms;
  const target = (input: { AliasName?: string }) => ({ resource: account.arn('kms', String(input.AliasName)) });
  const onKey = (action: string, reference: string | undefined, call: Call) => {
    const key = kms.find(reference);
    account.authorize(`kms:${action}`, kms.target(key), call);
    return key;
  };
  const known = (name: string | undefined) => {
    const id = kms.aliases.get(String(name));
    if (id === undefined) throw new ServiceError('NotFoundException', `Alias ${account.arn('kms', String(name))} is not found.`);
    return id;
  };
  return {
    CreateAlias: operation<CreateAliasRequest, object>('CreateAlias', {
      event: 'write',
      target,
      run: (input, call) => {
        const key = onKey('CreateAlias', input.TargetKeyId, call);
        requireState(key, 'not pending deletion');
        const name = String(input.AliasName);
        if (!/^alias\/[\w/-]+$/.test(name) || name.startsWith('alias/aws/'))
          throw new ServiceError('InvalidAliasNameException', `${name} is not the name of an alias`);
        if (kms.aliases.has(name)) throw new ServiceError('AlreadyExistsException', `An alias with the name ${account.arn('kms', name)} already exists`);
        kms.aliases.set(name, key.id);
        return {};
      },
    }),
    UpdateAlias: operation<CreateAliasRequest, object>('UpdateAlias', {
      event: 'write',
      target,
      run: (input, call) => {
        onKey('UpdateAlias', known(input.AliasName), call);
        kms.aliases.set(String(input.AliasName), onKey('UpdateAlias', input.TargetKeyId, call).id);
        return {};
      },
    }),
    DeleteAlias: operation<{ AliasName: string }, object>('DeleteAlias', {
      event: 'write',
      target,
      run: (input, call) => {
        onKey('DeleteAlias', known(input.AliasName), call);
        kms.aliases.delete(input.AliasName);
        return {};
      },
    }),
    ListAliases: operation<ListAliasesRequest, ListAliasesResponse>('ListAliases', {
      event: 'read',
      target: () => ({ resource: '*' }),
      run: (input) => {
        const wanted = input.KeyId === undefined ? undefined : kms.find(input.KeyId).id;
        const aliases = [...kms.aliases].filter(([, id]) => wanted === undefined || id === wanted);
        return { Aliases: aliases.map(([name, id]) => ({ AliasName: name, AliasArn: account.arn('kms', name), TargetKeyId: id })), Truncated: false };
      },
    }),
  };
}
