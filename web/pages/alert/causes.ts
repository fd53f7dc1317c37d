import type { Condition, Dimension } from '#contract/dimension.ts';
import type { Cause, CauseDimension, Explanation } from '#contract/explanation.ts';
import { format } from '../../format.ts';
import { dimensionLabels } from '../../state/filters.ts';

const further: Record<string, string> = {
  response_model: 'Answering model',
  sdk: 'SDK version',
  agent: 'Agent',
  service_tier: 'Service tier',
  region: 'Region',
  language: 'Language',
  tool: 'Tool',
  price: 'Price table',
  deploy: 'Deploy',
  marker: 'Marker',
};

/** What a dimension, or a kind of change, is called. */
export const dimensionName = (name: string): string =>
  dimensionLabels[name as Dimension] ?? further[name] ?? name;

/** `Prompt version answer v14`, `Language de and Tenant acme`. */
export const conditionWords = (conditions: Cause['conditions']): string =>
  conditions
    .map(({ dimension, value }) => `${dimensionName(dimension).toLowerCase()} ${value || '(none)'}`)
    .join(' and ');

/** The second of two names without the words that both begin with: `v14` of `answer v13` and `answer v14`. */
export function afterCommonWords(first: string, second: string): string {
  const [one, other] = [first.split(' '), second.split(' ')];
  let same = 0;
  while (same < other.length - 1 && one[same] === other[same]) same += 1;
  return other.slice(same).join(' ');
}

/** As filters of the Traces page; what cannot be filtered for is left out. A model is found by any of its names. */
export function filtersOf(conditions: Cause['conditions']): Condition[] {
  return conditions.flatMap(({ dimension, value }) => {
    const name: CauseDimension = dimension === 'response_model' ? 'model' : dimension;
    return Object.hasOwn(dimensionLabels, name) ? [{ dimension: name as Dimension, value }] : [];
  });
}

/** A cause that explains less of the shift than this is not named first. */
const EXPLAINS_AT_LEAST = 0.2;

export const tellingCauses = (explanation: Explanation | null): Cause[] =>
  (explanation?.causes ?? []).filter(one => one.explained >= EXPLAINS_AT_LEAST);

/** 0 to 1 for a bar and a percentage; rounding noise beyond is not shown. */
export const shareOf = (explained: number): number => Math.min(1, Math.max(0, explained));

/** Dimensions with several values of which none is a cause: `Tenant, region`. */
export function quietDimensions({ by_dimension, causes }: Explanation): string[] {
  const named = new Set(
    causes.flatMap(({ conditions, same_calls }) =>
      [conditions, ...same_calls].flat().map(one => one.dimension),
    ),
  );
  return by_dimension.filter(one => !named.has(one.dimension)).map(one => dimensionName(one.dimension));
}

/** Whether other calls came or the same calls got other answers, in a sentence with its figures. */
export function verdictWords({ verdict, split }: Explanation): string {
  const share = (part: number) =>
    split && split.shift !== 0 ? format.percent(Math.round((100 * part) / split.shift) / 100) : '';
  switch (verdict) {
    case 'regression':
      return split && split.by.length > 0
        ? 'The same kind of requests is answered differently; the traffic mix does not explain it.'
        : 'The requests cannot be told apart by tenant, language or region, so this is taken for a regression.';
    case 'mix':
      return `Other requests came: the traffic mix explains ${share(split?.mix ?? 0)}. Nothing got worse by itself.`;
    case 'both':
      return `${share(split?.within ?? 0)} comes of worse answers to the same requests, ${share(split?.mix ?? 0)} of another traffic mix.`;
    case 'unclear':
      return 'Too few requests yet to tell a regression from another traffic mix.';
  }
}
