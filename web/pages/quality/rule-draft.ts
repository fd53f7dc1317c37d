import type { Dimension } from '#contract/dimension.ts';
import type { EvaluatorInfo, Sampling, ScoringRule } from '#contract/evaluator.ts';
import type { Format } from '../../format.ts';
import { dimensionLabels } from '../../state/filters.ts';

/** A rule as it is written into the form. */
interface RuleDraft {
  feature: string;
  design: Sampling['design'];
  /** Percent of the calls. */
  percent: string;
  by: Dimension;
  perHour: string;
  /** JSON text. */
  settings: string;
}

export const draftOf = (rule: ScoringRule | undefined, feature: string): RuleDraft => ({
  feature: rule?.feature ?? feature,
  design: rule?.sampling.design ?? 'uniform',
  percent: rule?.sampling.design === 'uniform' ? String(rule.sampling.rate * 100) : '10',
  by: rule?.sampling.design === 'stratified' ? (rule.sampling.by[0] as Dimension) : 'feature',
  perHour: rule?.sampling.design === 'stratified' ? String(rule.sampling.target_per_hour) : '60',
  settings: rule && Object.keys(rule.settings).length > 0 ? JSON.stringify(rule.settings, null, 2) : '{}',
});

interface DraftErrors {
  percent?: string;
  perHour?: string;
  settings?: string;
}

export function draftErrors({ design, percent, perHour, settings }: RuleDraft): DraftErrors {
  const errors: DraftErrors = {};
  const [share, target] = [Number(percent), Number(perHour)];
  if (design === 'uniform' && !(share > 0 && share <= 100)) errors.percent = 'Above 0 and at most 100';
  if (design === 'stratified' && !(target > 0 && target <= 10_000))
    errors.perHour = 'Above 0 and at most 10,000';
  if (readSettings(settings) === null) errors.settings = 'Not a JSON object';
  return errors;
}

/** Null when the text is no JSON object. */
export function readSettings(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.trim() || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

export const samplingOf = ({ design, percent, by, perHour }: RuleDraft): Sampling =>
  design === 'uniform'
    ? { design, rate: Number(percent) / 100 }
    : { design, by: [by], target_per_hour: Number(perHour) };

/** `10 % of the calls`, or `about 60 an hour of each tenant`. */
export function samplingText(format: Format, sampling: Sampling): string {
  if (sampling.design === 'uniform')
    return sampling.rate >= 1 ? 'every call' : `${format.percent(sampling.rate)} of the calls`;
  const each = sampling.by.map(name => dimensionLabels[name].toLowerCase()).join(' and ');
  return `about ${format.count(sampling.target_per_hour)} an hour of each ${each}`;
}

const KINDS: Record<EvaluatorInfo['kind'], string> = {
  reference: 'compares with an expected answer',
  rule: 'a rule',
  retrieval: 'looks at what was retrieved',
  judge: 'asks a language model',
};
const NEEDS: Record<EvaluatorInfo['needs'][number], string> = {
  input: 'the prompt',
  output: 'the answer',
  reference: 'an expected answer',
  context: 'the retrieved texts',
  tools: 'the tool calls',
  schema: 'a schema',
};

/** What it is and what it must know. */
export function kindText({ kind, needs }: Pick<EvaluatorInfo, 'kind' | 'needs'>): string {
  const parts = needs.map(need => NEEDS[need]);
  const last = parts.pop();
  if (last === undefined) return KINDS[kind];
  return `${KINDS[kind]}; needs ${parts.length > 0 ? `${parts.join(', ')} and ` : ''}${last}`;
}

export const hasSettings = ({ settings_schema }: Pick<EvaluatorInfo, 'settings_schema'>) =>
  Object.keys((settings_schema.properties as object | undefined) ?? {}).length > 0;

/** Each setting with what it is about, for below the field. */
export function settingsHelp({ settings_schema }: Pick<EvaluatorInfo, 'settings_schema'>): string[] {
  const properties = (settings_schema.properties ?? {}) as Record<
    string,
    { description?: string; default?: unknown }
  >;
  return Object.entries(properties).map(([name, { description, default: preset }]) => {
    const otherwise = preset === undefined ? '' : ` (default ${JSON.stringify(preset)})`;
    return `${name}${description ? `: ${description}` : ''}${otherwise}`;
  });
}
