import type { SpendCause, SpendChange, SpendRow } from '#contract/spend.ts';
import { format } from '../../format.ts';
import { nanosOf } from '../../money.ts';
import { cachedShare, inputTokens, outputTokens, type Units } from './rows.ts';

export const causeLabels: Record<SpendCause, string> = {
  volume: 'Number of requests',
  model_mix: 'Choice of models',
  prompt_length: 'Length of prompts',
  output_length: 'Length of answers',
  cache_rate: 'Share read from cache',
  price: 'Prices',
  retries: 'Retries and failures',
  pieces: 'Images, searches, reranks',
  unpriced: 'Share without a price',
  other: 'Bookings for closed months',
};

export interface Cause {
  cause: SpendCause;
  usd: string;
}

const size = (usd: string) => {
  const nanos = nanosOf(usd);
  return nanos < 0n ? -nanos : nanos;
};

/** Causes that contributed anything, the largest first. */
export const causesOf = (change: Pick<SpendChange, 'causes'>): Cause[] =>
  (Object.entries(change.causes) as [SpendCause, string][])
    .map(([cause, usd]) => ({ cause, usd }))
    .filter(({ usd }) => nanosOf(usd) !== 0n)
    .sort((a, b) => (size(b.usd) > size(a.usd) ? 1 : size(b.usd) < size(a.usd) ? -1 : 0));

/** Whether nothing is known of an amount: it is 0, and calls behind it have no price. */
export const isUnpriced = (usd: string, unpricedCalls: number): boolean =>
  unpricedCalls > 0 && nanosOf(usd) === 0n;

/** `1 call unpriced` */
export const unpricedCallsWords = (calls: number): string =>
  `${format.count(calls)} ${calls === 1 ? 'call' : 'calls'} unpriced`;

/** How many calls have no price, in each of the two months. */
export const unpricedWords = (change: Pick<SpendChange, 'unpriced_before' | 'unpriced_after'>): string =>
  `${unpricedCallsWords(change.unpriced_before)} before, ${format.count(change.unpriced_after)} now`;

/** The sum of the causes is the change, to the nano-dollar. */
export const addsUp = ({ causes, change_usd }: SpendChange) =>
  Object.values(causes).reduce((sum, usd) => sum + nanosOf(usd ?? '0'), 0n) === nanosOf(change_usd);

/** What one group was in one of the two months. */
export interface Side {
  units: Units | null;
  /** Calls by model. */
  models: ReadonlyMap<string, number>;
  calls: number;
}

export function callsByModel(rows: readonly SpendRow[]): Map<string, number> {
  const models = new Map<string, number>();
  for (const row of rows) models.set(row.model ?? '', (models.get(row.model ?? '') ?? 0) + (row.calls ?? 0));
  return models;
}

const share = (models: ReadonlyMap<string, number>, name: string) => {
  const all = [...models.values()].reduce((sum, calls) => sum + calls, 0);
  return all === 0 ? 0 : (models.get(name) ?? 0) / all;
};

/** The model that lost most of its share and the one that gained most; null when none moved by a tenth. */
export function modelMove(before: Side, after: Side): [from: string, to: string] | null {
  const names = [...new Set([...before.models.keys(), ...after.models.keys()])];
  const moves = names
    .map(name => ({ name, by: share(after.models, name) - share(before.models, name) }))
    .sort((a, b) => a.by - b.by);
  const [down, up] = [moves[0], moves.at(-1)];
  return down && up && down.by <= -0.1 && up.by >= 0.1 ? [down.name, up.name] : null;
}

const ratio = (now: number, before: number) => (before > 0 ? now / before - 1 : null);

/** `18 % longer`, `3.3 times as long`; null without a figure. */
function changed(part: number | null, words: { more: string; less: string; times: string }): string | null {
  if (part === null || Math.abs(part) < 0.005) return null;
  if (part > 2) return `${format.plain(part + 1)} times as ${words.times}`;
  return `${format.percent(Math.abs(part))} ${part > 0 ? words.more : words.less}`;
}

const LENGTH = { more: 'longer', less: 'shorter', times: 'long' };
const NUMBER = { more: 'more', less: 'fewer', times: 'many' };

/** One cause in words, with the figure behind it where there is one. */
export function causeWords(cause: SpendCause, before: Side, after: Side, usd: string): string {
  const grew = nanosOf(usd) > 0n;
  switch (cause) {
    case 'volume':
      return `${changed(ratio(after.calls, before.calls), NUMBER) ?? (grew ? 'more' : 'fewer')} requests`;
    case 'model_mix': {
      const move = modelMove(before, after);
      return move ? `${move[0]} → ${move[1]}` : grew ? 'dearer models' : 'cheaper models';
    }
    case 'prompt_length': {
      const long = (side: Side) => (side.units && side.calls > 0 ? inputTokens(side.units) / side.calls : 0);
      return `prompts ${changed(ratio(long(after), long(before)), LENGTH) ?? (grew ? 'longer' : 'shorter')}`;
    }
    case 'output_length': {
      const long = (side: Side) => (side.units && side.calls > 0 ? outputTokens(side.units) / side.calls : 0);
      return `answers ${changed(ratio(long(after), long(before)), LENGTH) ?? (grew ? 'longer' : 'shorter')}`;
    }
    case 'cache_rate': {
      const [old, now] = [before.units && cachedShare(before.units), after.units && cachedShare(after.units)];
      return old === null || now === null
        ? grew
          ? 'less from cache'
          : 'more from cache'
        : `cache ${format.percent(old)} → ${format.percent(now)}`;
    }
    case 'price':
      return grew ? 'higher prices' : 'lower prices';
    case 'retries':
      return grew ? 'more retries and failures' : 'fewer retries and failures';
    case 'pieces':
      return grew ? 'more images, searches or reranks' : 'fewer images, searches or reranks';
    case 'unpriced':
      return grew ? 'fewer calls without a price' : 'more calls without a price';
    case 'other':
      return 'bookings for closed months';
  }
}

/** What a change was made of in a few words: the largest cause, and the next when it counts too. */
export function reasonWords(change: SpendChange, before: Side, after: Side): string {
  if (change.calls_before === 0) return 'new';
  if (change.calls_after === 0) return 'no longer used';
  const direction = nanosOf(change.change_usd) >= 0n;
  const along = causesOf(change).filter(({ usd }) => nanosOf(usd) > 0n === direction);
  const [first, second] = along;
  if (!first) return '';
  const counts =
    second && size(second.usd) * 4n >= size(change.change_usd) && size(second.usd) * 3n >= size(first.usd);
  return [first, counts ? second : undefined]
    .flatMap(one => (one ? [causeWords(one.cause, before, after, one.usd)] : []))
    .join(', ');
}
