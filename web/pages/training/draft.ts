import type { ScheduleInput, TrainingExport, TrainingInput, TrainingSchedule } from '../../data/training.ts';

/** Which pairs are taken, as it is typed. */
export interface FilterDraft {
  format: TrainingExport['format'];
  where: string;
  correctedOnly: boolean;
  score: string;
  atLeast: string;
  margin: string;
  label: string;
  /** Per cent of word triples two pairs share to be one. */
  near: string;
  limit: string;
}

export interface ScheduleDraft {
  name: string;
  every: TrainingSchedule['every'];
  hour: number;
  days: string;
  filter: FilterDraft;
  /** Empty: nobody is told. */
  url: string;
  failingScore: string;
  below: string;
  mostCases: string;
  includeTexts: boolean;
  enabled: boolean;
}

type Filter = ScheduleInput['filter'];

export const newFilter = (): FilterDraft => ({
  format: 'chat',
  where: '',
  correctedOnly: true,
  score: '',
  atLeast: '0.8',
  margin: '0.2',
  label: '',
  near: '85',
  limit: '10000',
});

export const newSchedule = (): ScheduleDraft => ({
  name: '',
  every: 'weekly',
  hour: 6,
  days: '14',
  filter: newFilter(),
  url: '',
  failingScore: '',
  below: '0.5',
  mostCases: '50',
  includeTexts: false,
  enabled: true,
});

/** NaN for what is no number; a decimal comma is one too. */
const numberOf = (text: string) => (text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.')));

const within = (value: number, least: number, most: number) => value >= least && value <= most;
const isWhole = (value: number, least: number, most: number) =>
  Number.isInteger(value) && within(value, least, most);

/** The filter in the words of the API, or what is wrong with it. */
export function filterOfDraft(draft: FilterDraft): Filter | string {
  const { format, where, correctedOnly, label } = draft;
  const score = correctedOnly ? '' : draft.score.trim();
  const [atLeast, margin, near, limit] = [draft.atLeast, draft.margin, draft.near, draft.limit].map(
    numberOf,
  ) as [number, number, number, number];
  if (!correctedOnly && score === '' && label.trim() === '')
    return 'Say which answers are good: only corrected ones, those of a score, or those with a label.';
  if (score !== '' && Number.isNaN(atLeast)) return 'The least score is a number.';
  if (format !== 'chat' && !(margin > 0 && margin <= 1)) return 'The margin lies between 0 and 1.';
  if (!within(near, 50, 100)) return 'Nearly the same means 50 to 100 % alike.';
  if (!isWhole(limit, 1, 50_000)) return 'An export has 1 to 50,000 pairs.';
  if (label.trim() !== '' && !/^.+:.+$/.test(label.trim()))
    return 'A label is name:value, e.g. acceptable:yes.';
  return {
    format,
    where: where.trim(),
    score,
    score_at_least: Number.isNaN(atLeast) ? 0.8 : atLeast,
    corrected_only: correctedOnly,
    label: label.trim(),
    margin: format === 'chat' ? 0.2 : margin,
    near_duplicates: near / 100,
    limit,
  };
}

/** `days` calls back from now. */
export function exportOfDraft(draft: FilterDraft, days: string): TrainingInput | string {
  const filter = filterOfDraft(draft);
  if (typeof filter === 'string') return filter;
  const back = numberOf(days);
  return isWhole(back, 1, 400) ? { ...filter, from: `now-${back}d`, to: 'now' } : 'Look back 1 to 400 days.';
}

export function scheduleOfDraft(draft: ScheduleDraft): ScheduleInput | string {
  const filter = filterOfDraft(draft.filter);
  if (typeof filter === 'string') return filter;
  const name = draft.name.trim();
  const [days, below, most] = [draft.days, draft.below, draft.mostCases].map(numberOf) as [
    number,
    number,
    number,
  ];
  if (name === '') return 'Give the schedule a name.';
  if (!isWhole(days, 1, 400)) return 'Look back 1 to 400 days.';
  const url = draft.url.trim();
  const score = draft.failingScore.trim();
  if (url !== '' && !/^https?:\/\/\S+$/.test(url))
    return 'The webhook is an address that begins with https:// or http://.';
  if (url !== '' && score !== '' && Number.isNaN(below)) return 'A call fails below a number.';
  if (url !== '' && !isWhole(most, 0, 200)) return 'The event carries 0 to 200 failing cases.';
  const webhook =
    url === ''
      ? null
      : {
          url,
          failing: score === '' ? null : { score, below },
          most_cases: most,
          include_texts: draft.includeTexts,
        };
  const { every, hour, enabled } = draft;
  return { name, every, hour, days, filter, webhook, enabled };
}

/** A stored schedule as it would be typed. */
export function draftOfSchedule(schedule: TrainingSchedule): ScheduleDraft {
  const { name, every, hour, days, filter, webhook, enabled } = schedule;
  return {
    ...{ name, every, hour, enabled, days: String(days) },
    filter: {
      format: filter.format,
      where: filter.where,
      correctedOnly: filter.corrected_only,
      score: filter.score,
      atLeast: String(filter.score_at_least),
      margin: String(filter.margin),
      label: filter.label,
      near: String(Math.round(filter.near_duplicates * 1_000) / 10),
      limit: String(filter.limit),
    },
    url: webhook?.url ?? '',
    failingScore: webhook?.failing?.score ?? '',
    below: String(webhook?.failing?.below ?? 0.5),
    mostCases: String(webhook?.most_cases ?? 50),
    includeTexts: webhook?.include_texts ?? false,
  };
}

/** What a schedule says of itself, to be told again with a change. */
export function saidOf(schedule: TrainingSchedule): ScheduleInput {
  const { name, every, hour, days, filter, webhook, enabled } = schedule;
  return { name, every, hour, days, filter, webhook, enabled };
}
