import type { RuleDefinition, RuleInput } from '#contract/rule.ts';

type Kind = RuleDefinition['kind'];

/** A rule as it is typed: text where a number may be half written. Times in minutes. */
export interface RuleDraft {
  kind: Kind;
  name: string;
  description: string;
  severity: 'warning' | 'critical';
  feature: string;
  model: string;
  environment: string;
  by: readonly ('feature' | 'model' | 'environment')[];
  metric: string;
  side: 'above' | 'below';
  threshold: string;
  resolveAt: string;
  window: string;
  hold: string;
  keep: string;
  least: string;
  noData: 'notify' | 'keep' | 'ok';
  silent: string;
  budget: string;
  percent: string;
  indicator: 'errors' | 'latency' | 'quality';
  belowMs: string;
  score: string;
  atLeast: string;
  objective: string;
  enabled: boolean;
}

export const newRule = (): RuleDraft => ({
  kind: 'threshold',
  name: '',
  description: '',
  severity: 'warning',
  feature: '',
  model: '',
  environment: '',
  by: ['feature'],
  metric: 'error_rate',
  side: 'above',
  threshold: '5',
  resolveAt: '',
  window: '15',
  hold: '5',
  keep: '10',
  least: '50',
  noData: 'notify',
  silent: '60',
  budget: '',
  percent: '80',
  indicator: 'errors',
  belowMs: '2000',
  score: 'quality',
  atLeast: '0.8',
  objective: '99.5',
  enabled: true,
});

export function draftOfRule(rule: RuleDefinition): RuleDraft {
  const draft: RuleDraft = {
    ...newRule(),
    kind: rule.kind,
    name: rule.name,
    description: rule.description,
    severity: rule.severity,
    enabled: rule.enabled,
    feature: rule.filter.feature ?? '',
    model: rule.filter.model ?? '',
    environment: rule.filter.environment ?? '',
    by: rule.group_by,
    hold: String(rule.for_s / 60),
    keep: String(rule.keep_firing_s / 60),
  };
  if ('no_data' in rule)
    Object.assign(draft, { least: String(rule.min_requests), noData: rule.no_data.state });
  if (rule.kind === 'threshold') {
    Object.assign(draft, {
      metric: rule.metric,
      side: rule.above === undefined ? 'below' : 'above',
      threshold: String(rule.above ?? rule.below),
      resolveAt: rule.resolve_at === undefined ? '' : String(rule.resolve_at),
      window: String(rule.window_s / 60),
    });
  }
  if (rule.kind === 'absence') draft.silent = String(rule.silent_s / 60);
  if (rule.kind === 'budget')
    Object.assign(draft, { budget: rule.budget ?? '', percent: String(rule.percent) });
  if (rule.kind === 'slo') {
    const { indicator } = rule;
    Object.assign(draft, { indicator: indicator.of, objective: String(rule.objective) });
    if (indicator.of === 'latency') draft.belowMs = String(indicator.below_ms);
    if (indicator.of === 'quality')
      Object.assign(draft, { score: indicator.score, atLeast: String(indicator.at_least) });
  }
  return draft;
}

/** What is wrong with a draft, by field; empty when it can be tried and saved. */
export function ruleErrors(draft: RuleDraft): Partial<Record<keyof RuleDraft, string>> {
  const errors: Partial<Record<keyof RuleDraft, string>> = {};
  const need = (field: keyof RuleDraft, isRight: boolean, text: string) => {
    if (!isRight) errors[field] = text;
  };
  const isNumber = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));
  const isQuarters = (text: string) => isNumber(text) && Number(text) > 0 && Number(text) % 15 === 0;
  need('name', /^[a-z0-9][a-z0-9._-]{0,79}$/.test(draft.name), 'Small letters, digits, dots and dashes');
  for (const field of ['hold', 'keep'] as const)
    need(field, isNumber(draft[field]) && Number(draft[field]) >= 0, 'Minutes, 0 or more');
  if (draft.kind === 'threshold') {
    need('threshold', isNumber(draft.threshold), 'A number');
    need('window', isQuarters(draft.window), 'A multiple of 15 minutes');
    if (draft.resolveAt.trim() !== '') {
      const beyond =
        draft.side === 'above'
          ? Number(draft.resolveAt) > Number(draft.threshold)
          : Number(draft.resolveAt) < Number(draft.threshold);
      need('resolveAt', isNumber(draft.resolveAt) && !beyond, `A number not ${draft.side} the threshold`);
    }
  }
  if (draft.kind === 'absence') need('silent', isQuarters(draft.silent), 'A multiple of 15 minutes');
  if (draft.kind === 'budget') need('percent', Number(draft.percent) > 0, 'A number above 0');
  if (draft.kind === 'slo') {
    const objective = Number(draft.objective);
    need('objective', objective > 0 && objective < 100, 'Between 0 and 100');
    if (draft.indicator === 'latency') need('belowMs', Number(draft.belowMs) > 0, 'Milliseconds above 0');
    if (draft.indicator === 'quality') need('atLeast', isNumber(draft.atLeast), 'A number');
  }
  return errors;
}

/** The rule as the API takes it; only for a draft without errors. */
export function inputOfRule(draft: RuleDraft): RuleInput {
  const filter = Object.fromEntries(
    (['feature', 'model', 'environment'] as const).flatMap(name =>
      draft[name] ? [[name, draft[name]]] : [],
    ),
  );
  const common = {
    name: draft.name,
    description: draft.description,
    severity: draft.severity,
    enabled: draft.enabled,
    filter,
    group_by: draft.kind === 'budget' ? [] : [...draft.by],
    for_s: Math.round(60 * Number(draft.hold)),
    keep_firing_s: Math.round(60 * Number(draft.keep)),
  };
  const sample = {
    min_requests: Math.max(0, Math.round(Number(draft.least) || 0)),
    no_data: { after_s: 900, state: draft.noData },
  };
  if (draft.kind === 'absence')
    return { kind: 'absence', ...common, silent_s: Math.round(60 * Number(draft.silent)) };
  if (draft.kind === 'budget')
    return { kind: 'budget', ...common, budget: draft.budget || null, percent: Number(draft.percent) };
  if (draft.kind === 'slo') {
    const indicator =
      draft.indicator === 'errors'
        ? { of: 'errors' as const }
        : draft.indicator === 'latency'
          ? { of: 'latency' as const, below_ms: Number(draft.belowMs) }
          : { of: 'quality' as const, score: draft.score, at_least: Number(draft.atLeast) };
    return { kind: 'slo', ...common, ...sample, indicator, objective: Number(draft.objective) };
  }
  return {
    kind: 'threshold',
    ...common,
    ...sample,
    metric: draft.metric,
    [draft.side]: Number(draft.threshold),
    ...(draft.resolveAt.trim() !== '' && { resolve_at: Number(draft.resolveAt) }),
    window_s: Math.round(60 * Number(draft.window)),
  };
}
