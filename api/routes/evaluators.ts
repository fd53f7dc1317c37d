import type { Router } from 'express';
import { z } from 'zod';
import {
  deleteScoringRule,
  type EvaluatorInfo,
  listEvaluators,
  putScoringBudget,
  putScoringRule,
  type ScoringRule,
  tryEvaluator,
} from '#contract/evaluator.ts';
import type { Evaluator, Example } from '#quality/evaluators/evaluator.ts';
import { exampleOf } from '#quality/sampling/example.ts';
import { lookedUntil } from '#quality/scoring/job.ts';
import { newestCalls } from '#store/queries/calls-to-score.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import { isoFromStore } from '#store/queries/time.ts';
import {
  readScoresPerMinute,
  readScoringRules,
  removeScoringRule,
  writeScoringRule,
} from '#store/state/evaluators.ts';
import { writeSetting } from '#store/state/settings.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

/** How far back a call to try an evaluator on is looked for, and how many are looked at until one fits. */
const recentMs = 14 * 86_400_000;
const triedCalls = 50;
const shownCharacters = 2_000;

export function evaluatorsRoutes(router: Router, services: Services): void {
  const { state, projectId, nowMs, scoring, privacy, evaluators } = services;
  const evaluatorNamed = (name: string) => evaluators.find(evaluator => evaluator.name === name);
  const known = (name: string): Evaluator => {
    const evaluator = evaluatorNamed(name);
    if (!evaluator) throw notFound(`There is no evaluator ${name}.`);
    return evaluator;
  };

  serve(router, listEvaluators, async () => {
    const rules = await readScoringRules(state, projectId);
    return {
      evaluators: evaluators.map(infoOf),
      rules,
      scoring: {
        scores_per_minute: await readScoresPerMinute(state),
        looked_until: await lookedUntil({ state, projectId }),
        scored: scoring.scored(),
        notes: notesOn(rules, evaluators, (await privacy()).contentCaptured),
      },
    };
  });

  serve(router, putScoringRule, async ({ feature, enabled, settings, sampling }, { params }) => {
    const evaluator = known(params.name);
    checkSettings(evaluator, settings);
    const online = { feature, enabled, settings, sampling };
    const updated_at = new Date(nowMs()).toISOString();
    const rule: ScoringRule = { evaluator: evaluator.name, ...online, updated_at };
    await writeScoringRule(state, projectId, rule);
    return rule;
  });

  serve(router, deleteScoringRule, async ({ feature }, { params }) => {
    if (!(await removeScoringRule(state, projectId, { evaluator: params.name, feature }))) {
      throw notFound(`${params.name} has no rule for ${feature === '' ? 'every feature' : feature}.`);
    }
    return {};
  });

  serve(router, putScoringBudget, async budget => {
    await writeSetting(state, 'scoring', budget);
    return budget;
  });

  serve(router, tryEvaluator, async ({ settings, reference, ...asked }, { params }) => {
    const evaluator = known(params.name);
    checkSettings(evaluator, settings);
    const { call, example } = await callFor(services, evaluator, { ...asked, reference });
    const { input, output } = example;
    return {
      call: {
        trace_id: call.traceId,
        span_id: call.spanId,
        start_time: isoFromStore(call.startTime),
        feature: call.feature,
        model: call.model,
      },
      input: input?.slice(0, shownCharacters) ?? null,
      output: output?.slice(0, shownCharacters) ?? null,
      verdict: await evaluator.score(example, settings),
    };
  });
}

function infoOf({ name, version, kind, summary, needs, direction, settings }: Evaluator): EvaluatorInfo {
  const { $schema: _, ...schema } = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' });
  return { name, version, kind, summary, needs: [...needs], direction, settings_schema: schema };
}

function checkSettings(evaluator: Evaluator, settings: Record<string, unknown>): void {
  const found = evaluator.settings.strict().safeParse(settings);
  if (found.success) return;
  const why = found.error.issues.map(issue => `settings.${issue.path.join('.')}: ${issue.message}`);
  throw new HttpProblem(400, why.join('; '));
}

/** Why some rules give no score, for the person who switched them on. */
function notesOn(
  rules: readonly ScoringRule[],
  evaluators: readonly Evaluator[],
  keepsTexts: boolean,
): string[] {
  const needsOf = (name: string) => evaluators.find(evaluator => evaluator.name === name)?.needs ?? [];
  const on = rules.filter(rule => rule.enabled);
  const blind = on.filter(rule => needsOf(rule.evaluator).length > 0);
  const names = (list: readonly ScoringRule[]) => [...new Set(list.map(rule => rule.evaluator))].join(', ');
  const noReference = on.filter(rule => needsOf(rule.evaluator).includes('reference'));
  return [
    ...(blind.length > 0 && !keepsTexts
      ? [
          `Prompts and answers are not kept, so these give no scores: ${names(blind)}. Settings → Privacy changes that.`,
        ]
      : []),
    ...(noReference.length > 0
      ? [`Live calls have no expected answer, so these only score golden sets: ${names(noReference)}.`]
      : []),
  ];
}

/** The call that was named, or the newest that has all the evaluator needs, else the newest. */
async function callFor(
  { clickhouse, projectId, nowMs }: Services,
  evaluator: Evaluator,
  asked: {
    feature?: string | undefined;
    trace_id?: string | undefined;
    span_id?: string | undefined;
    reference?: string | undefined;
  },
) {
  const calls = await newestCalls(clickhouse, {
    projectId,
    sinceMs: nowMs() - recentMs,
    feature: asked.feature,
    traceId: asked.trace_id,
    spanId: asked.span_id,
    limit: triedCalls,
  });
  const texts = await textsOfCalls(clickhouse, projectId, calls);
  const examples = calls.map(call => {
    const example: Example = {
      ...exampleOf(call, texts.get(`${call.traceId}/${call.spanId}`)),
      ...(asked.reference !== undefined && { reference: asked.reference }),
    };
    return { call, example };
  });
  const fits = ({ example }: { example: Example }) =>
    evaluator.needs.every(need => example[need] !== undefined);
  const found = examples.find(fits) ?? examples[0];
  if (!found) throw notFound('No such call was answered in the last two weeks.');
  return found;
}
