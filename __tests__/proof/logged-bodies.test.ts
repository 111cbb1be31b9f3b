import { loggedBodies } from '../../proof/demo/logged-bodies';

const BATCH = '{"level":"INFO","message":"Batch processed","function_arn":"arn:aws:lambda:eu-west-1:111122223333:function:pipeline-consumer"}';

describe('the bodies of messages in a log', () => {
  it.each(['A, B', 'Li, Bo', 'N, e', ', B'])('are not found in words of the log that hold a short name: %s', (body) => {
    expect(loggedBodies([body], [BATCH])).toEqual([]);
  });

  it.each([
    ['as they were sent', 'A, B', 'body: A, B'],
    ['as JSON', 'A, B', '{"Name":"A","Firstname":"B"}'],
    ['in another order', 'Doe, John', 'JohnDoe'],
    ['beyond ASCII', 'Å, Ö', '"Å" "Ö"'],
    ['without a name', ', Nobody', 'Nobody'],
  ])('are found %s', (_form, body, line) => {
    expect(loggedBodies([body, 'Other, Person'], [BATCH, line])).toEqual([body]);
  });

  it('are not found in parts in different lines', () => {
    expect(loggedBodies(['Doe, John'], ['Doe', 'John'])).toEqual([]);
  });
});
