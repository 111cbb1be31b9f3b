import { paginateScan } from '@aws-sdk/client-dynamodb';
import type { Clients } from '../clients';

/** The key of an item of the table. */
export interface PersonKey {
  readonly Name: string;
  readonly Firstname: string;
}

/** The key as one text, to compare. */
export const keyOf = ({ Name, Firstname }: PersonKey) => JSON.stringify([Name, Firstname]);

/** All items of the table, page by page. */
export async function storedPeople(clients: Clients, TableName: string): Promise<PersonKey[]> {
  const people: PersonKey[] = [];
  for await (const page of paginateScan({ client: clients.of('dynamodb') }, { TableName })) {
    for (const { Name, Firstname } of page.Items ?? []) people.push({ Name: String(Name?.S), Firstname: String(Firstname?.S) });
  }
  return people;
}
