import { expect, test } from 'vitest';
import { readCsv } from './csv.ts';
import { diffText } from './diff.ts';
import { readCaseFile } from './read-file.ts';

const says = (content: string) => [{ role: 'user', parts: [{ type: 'text', content }] }];

test('a JSONL file gives its good lines and names the others', () => {
  const lines = [
    '{"case_id":"a","input":"Hello?","reference":"Hi","tags":["greeting"]}',
    '',
    'not json',
    '{"input":[{"role":"system","content":"Be brief"},{"role":"user","content":"Why?"}]}',
    '{"input":""}',
    '{"case_id":"a","input":"Again"}',
    '{"input":"x","color":"red"}',
  ];
  const { cases, errors } = readCaseFile('jsonl', lines.join('\n'));
  expect(cases).toMatchObject([
    { case_id: 'a', input: says('Hello?'), reference: 'Hi', tags: ['greeting'], context: [] },
    { input: [{ role: 'system', parts: [{ type: 'text', content: 'Be brief' }] }, says('Why?')[0]] },
  ]);
  expect(errors.map(({ line }) => line)).toEqual([3, 5, 6, 7]);
  expect(errors[0]?.message).toBe('is not JSON');
  expect(errors[2]?.message).toBe('is the same case as line 1');
  expect(errors[3]?.message).toContain('color');
});

test('a CSV file may hold commas, quotes and line ends in its fields', () => {
  const text =
    '\uFEFFInput,Reference,Tags,Context\r\n"Say ""hi"", please",Hi,"a;b","one\ntwo"\r\nonly one\r\nWhy?,,,\r\n';
  const { cases, errors } = readCaseFile('csv', text);
  expect(cases).toMatchObject([
    { input: says('Say "hi", please'), reference: 'Hi', tags: ['a', 'b'], context: ['one', 'two'] },
    { input: says('Why?'), reference: null, tags: [], context: [] },
  ]);
  expect(errors).toEqual([{ line: 4, message: 'has 1 fields; the first line has 4' }]);
});

test('a CSV file that is none says so', () => {
  expect(readCaseFile('csv', 'question,answer\na,b').errors[0]?.message).toContain('question, answer');
  expect(readCaseFile('csv', 'input\n"open').errors).toEqual([{ line: 2, message: 'a quote is not closed' }]);
  expect(readCaseFile('csv', '').errors[0]?.message).toContain('input');
  expect(readCsv('a,b\n\n"c"x,d')).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 3, fields: ['cx', 'd'] },
  ]);
});

test('a difference says what was taken out and put in, and nothing is lost', () => {
  const [before, after] = ['Refunds take 5 days to arrive.', 'Refunds take up to 10 days.\nSorry'];
  const parts = diffText(before, after);
  const without = (kind: string) =>
    parts
      .filter(part => part.kind !== kind)
      .map(({ text }) => text)
      .join('');
  expect(without('added')).toBe(before);
  expect(without('removed')).toBe(after);
  expect(parts[0]).toEqual({ kind: 'same', text: 'Refunds take' });
  expect(diffText('same', 'same')).toEqual([{ kind: 'same', text: 'same' }]);
  expect(diffText('', 'new')).toEqual([{ kind: 'added', text: 'new' }]);
  const long = Array.from({ length: 3_000 }, (_, at) => `w${at}`).join(' ');
  expect(diffText(`a ${long}`, long.replaceAll('w', 'v')).length).toBe(2);
});
