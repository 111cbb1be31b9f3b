import { CREATION } from '../creation';

/** Messages that no consumer can process: each ends in the dead-letter queue. */
export const MALFORMED = [
  { body: 'this is not a person', attributes: CREATION },
  { body: 'Doe, John', attributes: { Action: { DataType: 'String', StringValue: 'deletion' } } },
  { body: ', Nobody', attributes: CREATION },
  { body: `Endless, ${'x'.repeat(2000)}`, attributes: CREATION },
  { body: '{"Name": "Half"', attributes: CREATION },
];
