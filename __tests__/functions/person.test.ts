import fc from 'fast-check';
import { readPerson } from '../../functions/consumer/person';
import type { Reason } from '../../functions/consumer/rejection';

const action = (value: string) => ({ Action: { dataType: 'String', stringValue: value } });
const read = (body: string, messageAttributes = action('creation')) => readPerson({ body, messageAttributes });

describe('reading a person', () => {
  it.each([
    ['Doe, John', { Name: 'Doe', Firstname: 'John' }],
    ['  García Márquez ,  Gabriel ', { Name: 'García Márquez', Firstname: 'Gabriel' }],
    ['湯川, 秀樹', { Name: '湯川', Firstname: '秀樹' }],
    ["O'Casey, Seán", { Name: "O'Casey", Firstname: 'Seán' }],
    ['{"Name": "Doe", "Firstname": "John"}', { Name: 'Doe', Firstname: 'John' }],
    ['{"Name": "Bach, father", "Firstname": "Johann"}', { Name: 'Bach, father', Firstname: 'Johann' }],
  ])('understands %s', (body, person) => {
    expect(read(body)).toEqual(person);
  });

  it('takes the action from a JSON body when there is no attribute', () => {
    expect(readPerson({ body: '{"Name":"Doe","Firstname":"John","Action":"creation"}', messageAttributes: {} })).toEqual({ Name: 'Doe', Firstname: 'John' });
  });

  it.each<[string, string, Reason]>([
    ['an empty body', ' ', 'EMPTY_BODY'],
    ['a text without comma', 'John Doe', 'BODY_NOT_UNDERSTOOD'],
    ['a text with two commas', 'Doe, John, Junior', 'BODY_NOT_UNDERSTOOD'],
    ['broken JSON', '{"Name":', 'BODY_NOT_UNDERSTOOD'],
    ['JSON with unknown members', '{"Name":"Doe","Firstname":"John","Age":3}', 'BODY_NOT_UNDERSTOOD'],
    ['a name that is no text', '{"Name":7,"Firstname":"John"}', 'BODY_NOT_UNDERSTOOD'],
    ['half a character', '{"Name":"\\ud800","Firstname":"John"}', 'BODY_NOT_UNDERSTOOD'],
    ['an empty name', ', John', 'NAME_MISSING'],
    ['an empty first name', 'Doe, ', 'NAME_MISSING'],
    ['a missing first name', '{"Name":"Doe"}', 'NAME_MISSING'],
    ['a name over 2048 bytes', `${'é'.repeat(1025)}, John`, 'NAME_TOO_LONG'],
    ['a first name over 1024 bytes', `Doe, ${'x'.repeat(1025)}`, 'NAME_TOO_LONG'],
  ])('rejects %s', (_what, body, reason) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ reason }));
  });

  it.each([['deletion'], ['Creation'], ['']])('rejects the action %j', (value) => {
    expect(() => read('Doe, John', action(value))).toThrow(expect.objectContaining({ reason: 'UNKNOWN_ACTION' }));
  });

  it('keeps every name of any script as it is', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }).filter((text) => text.trim() !== '' && !text.includes(','));
    fc.assert(
      fc.property(name, name, (Name, Firstname) => {
        const person = { Name: Name.trim(), Firstname: Firstname.trim() };
        expect(read(JSON.stringify(person))).toEqual(person);
        fc.pre(!Name.trimStart().startsWith('{'));
        expect(read(`${Name}, ${Firstname}`)).toEqual(person);
      }),
    );
  });

  it('never throws anything but a rejection', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (body, value) => {
        try {
          read(body, action(value));
        } catch (error) {
          expect((error as Error).name).toBe('Rejection');
        }
      }),
    );
  });
});
