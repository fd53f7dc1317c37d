import * as alert from '#contract/alert.ts';
import * as budget from '#contract/budget.ts';
import * as changeMarker from '#contract/change-marker.ts';
import * as channel from '#contract/channel.ts';
import * as clientCost from '#contract/client-cost.ts';
import * as compare from '#contract/compare.ts';
import * as comparePairs from '#contract/compare-pairs.ts';
import * as compareTests from '#contract/compare-tests.ts';
import * as decision from '#contract/decision.ts';
import * as delivery from '#contract/delivery.ts';
import * as digest from '#contract/digest.ts';
import * as drift from '#contract/drift.ts';
import * as driftShape from '#contract/drift-shape.ts';
import type { Endpoint } from '#contract/endpoint.ts';
import * as evaluator from '#contract/evaluator.ts';
import * as explanation from '#contract/explanation.ts';
import * as exported from '#contract/export.ts';
import * as fairness from '#contract/fairness.ts';
import * as feature from '#contract/feature.ts';
import * as golden from '#contract/golden.ts';
import * as health from '#contract/health.ts';
import * as ingest from '#contract/ingest.ts';
import * as judge from '#contract/judge.ts';
import * as mapping from '#contract/mapping.ts';
import * as measure from '#contract/measure.ts';
import * as modelCard from '#contract/model-card.ts';
import * as onboarding from '#contract/onboarding.ts';
import * as otlpMetric from '#contract/otlp-metric.ts';
import * as outcome from '#contract/outcome.ts';
import * as price from '#contract/price.ts';
import * as privacy from '#contract/privacy.ts';
import * as quality from '#contract/quality.ts';
import * as quietDrift from '#contract/quiet-drift.ts';
import * as reconcile from '#contract/reconcile.ts';
import * as review from '#contract/review.ts';
import * as route from '#contract/route.ts';
import * as rule from '#contract/rule.ts';
import * as rulesFile from '#contract/rules-file.ts';
import * as score from '#contract/score.ts';
import * as scoreDistribution from '#contract/score-distribution.ts';
import * as shapeWords from '#contract/shape-words.ts';
import * as silence from '#contract/silence.ts';
import * as spend from '#contract/spend.ts';
import * as spendForecast from '#contract/spend-forecast.ts';
import * as statement from '#contract/statement.ts';
import * as trace from '#contract/trace.ts';
import * as training from '#contract/training.ts';
import * as trainingSchedule from '#contract/training-schedule.ts';
import * as verdict from '#contract/verdict.ts';
import * as watermark from '#contract/watermark.ts';

/** What the API is made of, in the order in which it is described. */
const subjects: readonly object[] = [
  health,
  onboarding,
  ingest,
  mapping,
  otlpMetric,
  privacy,
  watermark,
  measure,
  feature,
  trace,
  score,
  evaluator,
  quality,
  scoreDistribution,
  modelCard,
  compare,
  comparePairs,
  compareTests,
  fairness,
  judge,
  golden,
  review,
  training,
  trainingSchedule,
  alert,
  explanation,
  verdict,
  drift,
  driftShape,
  shapeWords,
  quietDrift,
  changeMarker,
  digest,
  rule,
  rulesFile,
  route,
  silence,
  channel,
  spend,
  spendForecast,
  clientCost,
  price,
  outcome,
  reconcile,
  exported,
  statement,
  delivery,
  budget,
  decision,
];

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'reply' in value;

/** Every endpoint by its name, which is its `operationId`. */
export const endpoints: Record<string, Endpoint> = Object.fromEntries(
  subjects.flatMap(subject =>
    Object.entries(subject).filter((named): named is [string, Endpoint] => isEndpoint(named[1])),
  ),
);

export const openApiPath = '/api/v1/openapi.json';
