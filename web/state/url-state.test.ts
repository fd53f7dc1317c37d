import { describe, expect, test } from 'vitest';
import { readFilters, toggleFilter, writeFilters } from './filters.ts';
import { parseSearch, stringifySearch } from './search.ts';
import { comparedRange, readViewSearch, toView, whereOf } from './view.ts';

const open = (search: string) => toView(readViewSearch(parseSearch(search)));
const now = Date.parse('2026-11-21T14:00:00Z');

describe('a link', () => {
  test('without parameters opens the last day against the day before', () =>
    expect(open('')).toEqual({
      from: 'now-24h',
      to: 'now',
      cmp: 'prev',
      env: '',
      filters: [],
      byFeature: false,
      tz: '',
    }));

  test('restores the view it was made from', () => {
    const search = readViewSearch({
      from: '2026-11-10T13:00:00Z',
      to: '2026-11-10T14:00:00Z',
      cmp: 'week',
      env: 'prod & test',
      f: writeFilters([{ dimension: 'feature', value: 'a,b\\c:d' }]),
      g: 'feature',
      tz: 'Europe/Paris',
    });
    expect(readViewSearch(parseSearch(stringifySearch({ ...search })))).toEqual(search);
    expect(toView(search).filters).toEqual([{ dimension: 'feature', value: 'a,b\\c:d' }]);
  });

  test('stays readable', () =>
    expect(
      stringifySearch({ from: 'now-7d', to: 'now', f: 'feature:support-bot,model:m-2', env: undefined }),
    ).toBe('?from=now-7d&to=now&f=feature:support-bot,model:m-2'));

  test('with mistakes opens with defaults where they are', () => {
    const view = open(
      '?from=yesterday&to=now&cmp=sometimes&tz=Mars/Base&f=planet:mars,feature:chat&g=x&env=',
    );
    expect(view).toMatchObject({ from: 'now-24h', cmp: 'prev', tz: '', byFeature: false, env: '' });
    expect(view.filters).toEqual([{ dimension: 'feature', value: 'chat' }]);
  });
});

describe('filters', () => {
  test('read and write every value', () => {
    for (const value of ['', 'plain', 'a,b', 'a\\', '\\,', 'x:y', 'ü 😀'])
      expect(
        readFilters(
          writeFilters([
            { dimension: 'user', value },
            { dimension: 'model', value: 'm' },
          ]),
        ),
      ).toEqual([
        { dimension: 'user', value },
        { dimension: 'model', value: 'm' },
      ]);
  });

  test('toggle', () => {
    const one = { dimension: 'model', value: 'm' } as const;
    expect(toggleFilter([], one)).toEqual([one]);
    expect(toggleFilter([one, { dimension: 'model', value: 'n' }], { ...one })).toEqual([
      { dimension: 'model', value: 'n' },
    ]);
  });
});

test('the environment is one more condition of the question', () =>
  expect(whereOf({ filters: [{ dimension: 'feature', value: 'chat' }], env: 'prod' })).toBe(
    'feature:chat,environment:prod',
  ));

describe('the compared period', () => {
  test('stays relative', () => {
    expect(comparedRange(open(''), now)).toEqual({ from: 'now-2d', to: 'now-1d' });
    expect(comparedRange(open('?cmp=week'), now)).toEqual({ from: 'now-8d', to: 'now-7d' });
    expect(comparedRange(open('?from=now-90m&to=now'), now)).toEqual({ from: 'now-3h', to: 'now-90m' });
  });
  test('of an absolute range is absolute', () =>
    expect(comparedRange(open('?from=2026-11-10T13:00:00Z&to=2026-11-10T14:00:00Z'), now)).toEqual({
      from: '2026-11-10T12:00:00Z',
      to: '2026-11-10T13:00:00Z',
    }));
  test('can be none', () => expect(comparedRange(open('?cmp=none'), now)).toBeNull());
});
