import { existsSync, readdirSync } from 'node:fs';

it('every table of changes is walked', () => {
  const tables = readdirSync(__dirname).filter((file) => file.endsWith('.json'));
  expect(tables.filter((table) => !existsSync(`${__dirname}/${table.replace('.json', '.test.ts')}`))).toEqual([]);
});
