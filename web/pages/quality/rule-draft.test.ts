import { expect, test } from 'vitest';
import { createFormat } from '../../format.ts';
import {
  draftErrors,
  draftOf,
  kindText,
  readSettings,
  samplingOf,
  samplingText,
  settingsHelp,
} from './rule-draft.ts';

const format = createFormat('en');
const flat = (text: string) => text.replaceAll('\u00a0', ' ');

test('a rule that is opened and saved again is the same', () => {
  for (const sampling of [
    { design: 'uniform' as const, rate: 0.25 },
    { design: 'stratified' as const, by: ['tenant' as const], target_per_hour: 30 },
  ]) {
    const draft = draftOf(
      {
        evaluator: 'refusal',
        feature: 'chat',
        enabled: true,
        settings: { words: 3 },
        sampling,
        updated_at: '',
      },
      '',
    );
    expect(samplingOf(draft)).toEqual(sampling);
    expect(readSettings(draft.settings)).toEqual({ words: 3 });
    expect(draftErrors(draft)).toEqual({});
  }
});

test('what cannot be saved says why', () => {
  const draft = draftOf(undefined, '');
  expect(draftErrors({ ...draft, percent: '0' })).toEqual({ percent: 'Above 0 and at most 100' });
  expect(draftErrors({ ...draft, design: 'stratified', perHour: 'x' })).toHaveProperty('perHour');
  expect(draftErrors({ ...draft, settings: '[1]' })).toHaveProperty('settings');
  expect(draftErrors({ ...draft, settings: '' })).toEqual({});
});

test('sampling, needs and settings in words', () => {
  expect(flat(samplingText(format, { design: 'uniform', rate: 0.1 }))).toBe('10 % of the calls');
  expect(samplingText(format, { design: 'uniform', rate: 1 })).toBe('every call');
  expect(samplingText(format, { design: 'stratified', by: ['tenant'], target_per_hour: 60 })).toBe(
    'about 60 an hour of each tenant',
  );
  expect(kindText({ kind: 'rule', needs: [] })).toBe('a rule');
  expect(kindText({ kind: 'retrieval', needs: ['output', 'context'] })).toBe(
    'looks at what was retrieved; needs the answer and the retrieved texts',
  );
  expect(
    settingsHelp({
      settings_schema: { properties: { least: { description: 'words', default: 5 }, most: {} } },
    }),
  ).toEqual(['least: words (default 5)', 'most']);
});
