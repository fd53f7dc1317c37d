import type { Condition } from '#contract/dimension.ts';
import {
  type CardScore,
  type CardText,
  type CardTextKind,
  cardTextKinds,
  type ModelCard,
  type VersionDimension,
} from '#contract/model-card.ts';
import {
  type CardLabel,
  type CardName,
  type CardQuestion,
  type CardTotals,
  readCardLabels,
  readCardNames,
  readCardSpend,
  readCardTotals,
} from '#store/queries/model-card.ts';
import { readScoreSums } from '#store/queries/score-estimate.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { listAnchorSets, listJudgeChanges } from '#store/state/judges.ts';
import { listCardTextRows } from '#store/state/model-cards.ts';
import { fairnessOf } from '../fairness/fairness.ts';
import type { GoldenDeps } from '../golden/deps.ts';
import { estimateOf } from '../sampling/estimate-of.ts';
import { scoreMeaning } from '../score-meaning.ts';
import { goldenOf } from './golden-runs.ts';
import { missingOf } from './missing.ts';

export interface CardAsked {
  feature: string;
  /** Empty: all versions together. */
  version: readonly { dimension: VersionDimension; value: string }[];
  environment?: string | undefined;
  fromMs: number;
  toMs: number;
}

const quarterMs = 15 * 60_000;
const mostNames = 20;
/** Scores are read one after another: a card may take a moment, but must not push everybody else aside. */
const mostScores = 12;
const worstLabels = 3;

/** Everything that is known, read anew. The window is widened to quarters of an hour, so that calls and ledger cover the same. */
export async function modelCardFor(deps: GoldenDeps, asked: CardAsked): Promise<ModelCard> {
  const { clickhouse, state, projectId } = deps;
  const question: CardQuestion = {
    projectId,
    fromMs: Math.floor(asked.fromMs / quarterMs) * quarterMs,
    toMs: Math.ceil(asked.toMs / quarterMs) * quarterMs,
    where: conditionsOf(asked),
  };
  const totals = await readCardTotals(clickhouse, question);
  const [names, labels, cost] = await Promise.all([
    readCardNames(clickhouse, question, mostNames),
    readCardLabels(clickhouse, question),
    costOf(deps, asked, question, totals),
  ]);
  const quality = await scoresOf(deps, question, labels);
  const [texts, golden, judges, fairness] = await Promise.all([
    cardTextsOf(state, projectId, asked.feature),
    goldenOf(deps, asked),
    judgesOf(deps, quality),
    gapsOf(deps, question, quality),
  ]);
  const card: Omit<ModelCard, 'missing'> = {
    feature: asked.feature,
    version: [...asked.version],
    generated_at: new Date(deps.nowMs()).toISOString(),
    from: new Date(question.fromMs).toISOString(),
    to: new Date(question.toMs).toISOString(),
    calls: totals.calls,
    first_call: totals.first,
    last_call: totals.last,
    texts,
    versions: versionsOf(names, totals.calls),
    quality,
    failures: {
      failed_calls: totals.failed,
      error_types: counts(names, 'error_type', totals.calls),
      finish_reasons: counts(names, 'finish_reason', totals.calls),
      refusals: quality.find(({ score }) => score === 'refusal') ?? null,
      lowest: lowestOf(labels, quality),
    },
    latency: { calls: totals.timed, p50_ms: totals.p50Ms, p95_ms: totals.p95Ms },
    cost,
    tokens: {
      input: { calls: totals.withInput, mean: totals.inputMean },
      output: { calls: totals.withOutput, mean: totals.outputMean },
    },
    golden,
    judges,
    fairness,
  };
  return { ...card, missing: missingOf(card, new Set(labels.map(({ score }) => score)).size) };
}

function conditionsOf({ feature, version, environment }: CardAsked): Condition[] {
  const of: Condition[] = [{ dimension: 'feature', value: feature }, ...version];
  return environment === undefined ? of : [...of, { dimension: 'environment', value: environment }];
}

/** The texts in force, as `modelCard` has them. */
export async function cardTextsOf(
  state: GoldenDeps['state'],
  projectId: string,
  feature: string,
): Promise<Record<CardTextKind, CardText | null>> {
  const rows = await listCardTextRows(state, { projectId, feature });
  const inForce = (kind: CardTextKind): CardText | null => {
    const row = rows
      .filter(one => one.kind === kind)
      .reduce<(typeof rows)[number] | null>((a, b) => (a && a.version > b.version ? a : b), null);
    if (!row || row.text === '') return null;
    const { version, text, author, written_at } = row;
    return { version, text, author, written_at };
  };
  return Object.fromEntries(cardTextKinds.map(kind => [kind, inForce(kind)])) as Record<
    CardTextKind,
    CardText | null
  >;
}

function versionsOf(names: readonly CardName[], calls: number): ModelCard['versions'] {
  const of = (dimension: VersionDimension) => {
    const found = names.filter(({ kind }) => kind === dimension);
    // Nobody names any: there is nothing to list.
    if (found.every(({ name }) => name === '')) return [];
    return found.map(({ name, calls: n, first, last }) => ({
      ...{ name, calls: n, share: n / calls },
      ...{ first_seen: first, last_seen: last },
    }));
  };
  return { prompt: of('prompt'), release: of('release'), model: of('model'), variant: of('variant') };
}

const counts = (names: readonly CardName[], of: CardName['kind'], all: number) =>
  names
    .filter(({ kind, name }) => kind === of && name !== '')
    .map(({ name, calls, examples }) => ({ name, calls, share: calls / all, examples }));

/** Every score of these calls with its interval; the most frequent ones. */
async function scoresOf(
  { clickhouse, evaluators }: GoldenDeps,
  { projectId, fromMs, toMs, where }: CardQuestion,
  labels: readonly CardLabel[],
): Promise<CardScore[]> {
  const found: CardScore[] = [];
  for (const score of [...new Set(labels.map(one => one.score))].slice(0, mostScores)) {
    const range = { projectId, fromMs, toMs, where, tz: 'UTC' };
    const [row] = await readScoreSums(clickhouse, { ...range, score, groupBy: [], limit: 1 });
    if (!row || row.known.n + row.unknown.n === 0) continue;
    const direction = evaluators.find(({ name }) => name === score)?.direction;
    found.push({ score, better: direction ?? scoreMeaning(score), ...estimateOf(row) });
  }
  return found;
}

/** Between tenants, with the customary limits; small cohorts are counted only. */
async function gapsOf(
  { clickhouse }: GoldenDeps,
  question: CardQuestion,
  quality: readonly CardScore[],
): Promise<ModelCard['fairness']> {
  const found = await fairnessOf(clickhouse, {
    ...question,
    by: { dimension: 'tenant' },
    score: quality[0]?.score ?? null,
    smallestGap: 0.02,
    falseDiscoveryRate: 0.05,
  });
  return found.cohorts.length + found.small_cohorts.cohorts > 1 ? found : null;
}

/** Of each score the labels with the worst means; those better than all together are no failure, unless there is one label only. */
function lowestOf(
  labels: readonly CardLabel[],
  quality: readonly CardScore[],
): ModelCard['failures']['lowest'] {
  return quality.flatMap(({ score, better, unweighted_mean }) => {
    if (better === 'none') return [];
    const sign = better === 'higher' ? 1 : -1;
    const ours = labels.filter(one => one.score === score);
    const all = unweighted_mean ?? 0;
    return ours
      .filter(({ mean }) => ours.length === 1 || sign * (mean - all) < 0)
      .sort((a, b) => sign * (a.mean - b.mean))
      .slice(0, worstLabels)
      .map(({ label, n, mean, lowest, highest }) => ({
        ...{ score, label, n, mean },
        examples: better === 'higher' ? lowest : highest,
      }));
  });
}

/** From the ledger, unless the version is told by what the ledger does not know. */
async function costOf(
  { clickhouse }: GoldenDeps,
  asked: CardAsked,
  question: CardQuestion,
  totals: CardTotals,
): Promise<ModelCard['cost']> {
  const where = question.where.flatMap(({ dimension, value }) =>
    dimension === 'feature' ||
    dimension === 'environment' ||
    dimension === 'prompt' ||
    dimension === 'model' ||
    dimension === 'variant'
      ? [{ dimension, value }]
      : [],
  );
  const inLedger = asked.version.every(({ dimension }) => dimension !== 'release');
  const booked = inLedger ? await readCardSpend(clickhouse, { ...question, where }) : null;
  const calls = booked ? booked.calls : totals.calls;
  const priced = booked ? booked.calls - booked.unpriced : totals.priced;
  const nanos = booked ? booked.costNanos : totals.costNanos;
  return {
    source: inLedger ? 'ledger' : 'calls',
    calls,
    priced_calls: priced,
    usd_per_1000_calls:
      priced > 0 ? usdFromNanos(((BigInt(nanos) * 1000n) / BigInt(priced)).toString()) : null,
    total_usd: priced > 0 ? usdFromNanos(nanos) : null,
  };
}

/** Of the scores on the card: whether a judge gives them that somebody watches. */
async function judgesOf(
  { state, projectId }: GoldenDeps,
  quality: readonly CardScore[],
): Promise<ModelCard['judges']> {
  const [sets, changes] = await Promise.all([
    listAnchorSets(state, projectId),
    listJudgeChanges(state, projectId),
  ]);
  return quality.flatMap(({ score }) => {
    const set = sets.find(one => one.score === score);
    const of = changes.filter(one => one.score === score);
    if (!set && of.length === 0) return [];
    const changed = of.map(({ after_at, by_at, difference, low, high, ended_at }) => ({
      ...{ after: after_at, by: by_at, difference, low, high, ended_at },
    }));
    return [{ score, anchored_since: set?.frozen_at ?? null, changes: changed }];
  });
}
