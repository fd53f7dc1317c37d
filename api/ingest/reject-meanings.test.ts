import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rejectMeaning } from './reject-meanings.ts';

/** Reasons in the source of the collector, by how they are written there. */
function reasonsIn(folder: string, pattern: RegExp): string[] {
  const path = fileURLToPath(new URL(`../../collector/${folder}`, import.meta.url));
  const files = readdirSync(path).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const found = files.flatMap(name => [...readFileSync(`${path}/${name}`, 'utf8').matchAll(pattern)]);
  return [...new Set(found.map(match => match[1] as string))].sort();
}

test('every reason of the collector is explained', () => {
  const reasons = [
    ...reasonsIn('receive', /refuse\(\s*\d{3},[^;]*?'([a-z_]+)',?\s*\)/g),
    ...reasonsIn('receive', /reason: '([a-z_]+)'/g),
    ...reasonsIn('receive', /\['\d{3} [\w ]+', '([a-z_]+)'\]/g),
    ...reasonsIn('otlp', /return '([a-z]+_[a-z_]+)';/g),
  ];
  expect(reasons).toEqual(expect.arrayContaining(['malformed_body', 'invalid_score', 'invalid_span_id']));
  const fallback = rejectMeaning('made_up').meaning;
  expect(reasons.filter(reason => rejectMeaning(reason).meaning === fallback)).toEqual([]);
});
