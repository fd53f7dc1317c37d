import { expect, test } from 'vitest';
import { centreOf, readStatementSearch } from './search.ts';

test('a link names a month and one cost centre', () => {
  const search = readStatementSearch({ month: '2026-10', team: 'payments', feature: 'x', other: 1 });
  expect(search).toEqual({ month: '2026-10', team: 'payments' });
  expect(centreOf(search)).toEqual({ by: 'team', value: 'payments' });
});

test('an empty name is what names no centre; no name at all is not chosen yet', () => {
  expect(centreOf(readStatementSearch({ tenant: '' }))).toEqual({ by: 'tenant', value: '' });
  expect(centreOf(readStatementSearch({ by: 'feature' }))).toEqual({ by: 'feature', value: undefined });
  expect(centreOf(readStatementSearch({}))).toEqual({ by: 'team', value: undefined });
});

test('what is not valid is left out, and a name may look like a number', () => {
  expect(readStatementSearch({ month: '2026-13', by: 'colour', tenant: 42 })).toEqual({ tenant: '42' });
});
