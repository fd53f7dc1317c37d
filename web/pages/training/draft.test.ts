import { expect, test } from 'vitest';
import { createTrainingExport } from '#contract/training.ts';
import { createTrainingSchedule } from '#contract/training-schedule.ts';
import type { TrainingSchedule } from '../../data/training.ts';
import { draftOfSchedule, exportOfDraft, newFilter, newSchedule, saidOf, scheduleOfDraft } from './draft.ts';
import { readTrainingSearch } from './search.ts';

test('what is proposed at first can be asked at once, in the words of the API', () => {
  const asked = exportOfDraft(newFilter(), '14');
  expect(createTrainingExport.request.parse(asked)).toMatchObject({
    from: 'now-14d',
    format: 'chat',
    corrected_only: true,
    near_duplicates: 0.85,
  });
});

test('what is wrong is said in words, and nothing is asked', () => {
  const filter = { ...newFilter(), correctedOnly: false };
  expect(exportOfDraft(filter, '14')).toContain('which answers are good');
  const scored = { ...filter, score: 'quality' };
  expect(exportOfDraft({ ...scored, atLeast: 'good' }, '14')).toContain('number');
  expect(exportOfDraft({ ...scored, format: 'preference', margin: '2' }, '14')).toContain('margin');
  expect(exportOfDraft({ ...scored, near: '20' }, '14')).toContain('50 to 100');
  expect(exportOfDraft({ ...scored, limit: '1.5' }, '14')).toContain('50,000');
  expect(exportOfDraft({ ...scored, label: 'yes' }, '14')).toContain('name:value');
  expect(exportOfDraft(scored, '')).toContain('400 days');
  const schedule = { ...newSchedule(), name: 'nightly' };
  expect(scheduleOfDraft(newSchedule())).toContain('name');
  expect(scheduleOfDraft({ ...schedule, url: 'train.example.com' })).toContain('https://');
  expect(scheduleOfDraft({ ...schedule, url: 'https://x.org', mostCases: '999' })).toContain('200');
  expect(scheduleOfDraft({ ...schedule, url: 'https://x.org', failingScore: 'q', below: '' })).toContain(
    'number',
  );
});

test('a schedule comes back out of its form as it went in, a decimal comma included', () => {
  const said = scheduleOfDraft({
    ...newSchedule(),
    name: 'nightly',
    every: 'daily',
    filter: { ...newFilter(), correctedOnly: false, score: 'quality', atLeast: '0,9', where: 'feature:bot' },
    url: 'https://train.example.com/hook',
    failingScore: 'quality',
    below: '0.4',
    includeTexts: true,
  });
  const body = createTrainingSchedule.request.parse(said);
  expect(body).toMatchObject({
    filter: { score_at_least: 0.9, where: 'feature:bot' },
    webhook: { failing: { score: 'quality', below: 0.4 }, include_texts: true, most_cases: 50 },
  });
  const stored: TrainingSchedule = {
    ...body,
    ...{ schedule_id: 's1', created_at: '2026-11-20T12:00:00Z', next_at: null, runs: [] },
  };
  expect(scheduleOfDraft(draftOfSchedule(stored))).toEqual(body);
  // Pausing tells everything again, and nothing the API would refuse.
  expect(createTrainingSchedule.request.parse({ ...saidOf(stored), enabled: false }).enabled).toBe(false);
});

test('a mistyped link opens the page without a sheet', () => {
  expect(readTrainingSearch({ export: '50cf63d7-5df0', schedule: 'new' })).toEqual({
    export: '50cf63d7-5df0',
    schedule: 'new',
  });
  expect(readTrainingSearch({ export: '../x', schedule: 7 })).toEqual({});
});
