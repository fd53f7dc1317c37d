import { type CardScore, type CardTextKind, cardTextKinds, type ModelCard } from '#contract/model-card.ts';
import type { ScoreEstimate } from '#contract/quality.ts';

const missing = 'not known';
const textTitles: Record<CardTextKind, string> = {
  intended_use: 'Intended use',
  limits: 'Limits',
  owner: 'Owner',
};
const versionTitles = { prompt: 'Prompt', release: 'Release', model: 'Model', variant: 'Variant' } as const;
const gateWords = { pass: 'pass', fail: 'fail', not_enough_cases: 'not enough cases' } as const;

/** The card as Markdown; every number says how many calls it stands on. `baseUrl` is where links to traces lead. */
export function cardMarkdown(card: ModelCard, baseUrl: string): string {
  const parts = [
    `# Model card: ${plain(card.feature)}`,
    head(card),
    ...cardTextKinds.flatMap(kind => [`## ${textTitles[kind]}`, written(card, kind)]),
    '## Versions',
    versionTable(card),
    '## Quality',
    qualityTable(card.quality),
    '## Known failures',
    ...failureParts(card, baseUrl),
    '## Speed, cost and tokens',
    figureTable(card),
    '## Golden sets',
    ...goldenParts(card),
    '## Gaps between tenants',
    fairnessPart(card),
    '## Judges',
    judgeLines(card),
    ...(card.missing.length > 0 ? ['## What is missing', list(card.missing)] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

function head({ version, from, to, calls, first_call, last_call, generated_at }: ModelCard): string {
  const which = version.map(({ dimension, value }) => `${dimension} ${plain(value)}`).join(', ');
  const seen =
    first_call && last_call ? `, the first at ${time(first_call)}, the last at ${time(last_call)}` : '';
  return list([
    `Version: ${which || 'all versions'}`,
    `Data window: ${time(from)} to ${time(to)}`,
    `Calls: ${count(calls)}${seen}`,
    `Generated from live data at ${time(generated_at)}`,
  ]);
}

function written({ texts }: ModelCard, kind: CardTextKind): string {
  const text = texts[kind];
  if (!text) return '_Missing: nobody has written this._';
  const by = text.author ? ` by ${plain(text.author)}` : '';
  return `${quote(text.text)}\n\n<sub>Version ${text.version}, ${time(text.written_at)}${by}</sub>`;
}

function versionTable({ versions }: ModelCard): string {
  const rows = Object.entries(versionTitles).flatMap(([dimension, title]) =>
    versions[dimension as keyof typeof versionTitles].map(one => [
      title,
      one.name === '' ? '_(none named)_' : plain(one.name),
      count(one.calls),
      percent(one.share),
      time(one.first_seen),
      time(one.last_seen),
    ]),
  );
  if (rows.length === 0) return `_${missing}_`;
  return table(['', 'Name', 'Calls', 'Share', 'First seen', 'Last seen'], rows);
}

const basis = {
  weighted: 'weighted by the chance of being scored',
  unknown: 'of what was scored only',
  none: missing,
} as const;

const interval = ({ low, high }: Pick<ScoreEstimate, 'low' | 'high'>) =>
  low === null || high === null ? missing : `${number(low)} to ${number(high)}`;

function qualityTable(scores: readonly CardScore[]): string {
  if (scores.length === 0) return '_Missing: no call has a score._';
  return table(
    ['Score', 'Better', 'Mean', '95 % interval', 'Scores', 'Effective', 'Calls', 'Scored', 'Mean is'],
    scores.map(one => [
      plain(one.score),
      one.better,
      one.value === null ? missing : number(one.value),
      interval(one),
      count(one.n),
      count(Math.round(one.effective_n)),
      count(one.calls),
      one.coverage === null ? missing : percent(one.coverage),
      basis[one.basis],
    ]),
  );
}

function failureParts({ failures, calls }: ModelCard, baseUrl: string): string[] {
  const links = (examples: readonly { trace_id: string; span_id: string }[]) =>
    examples
      .map(({ trace_id, span_id }, at) => {
        const path = `/traces/${encodeURIComponent(trace_id)}?span=${encodeURIComponent(span_id)}`;
        return `[${at + 1}](${baseUrl}${path})`;
      })
      .join(' ');
  const { refusals } = failures;
  const counted = (title: string, rows: ModelCard['failures']['error_types']) =>
    rows.length === 0
      ? []
      : [
          table(
            [title, 'Calls', 'Share of calls', 'Examples'],
            rows.map(one => [plain(one.name), count(one.calls), percent(one.share), links(one.examples)]),
          ),
        ];
  return [
    calls === 0
      ? `Failed calls: ${missing}`
      : `Failed calls: ${count(failures.failed_calls)} of ${count(calls)}`,
    ...counted('Error type', failures.error_types),
    ...counted('Finish reason', failures.finish_reasons),
    refusals?.value == null
      ? `Refusals: ${missing}`
      : `Refusals: ${percent(refusals.value)} of answers (95 % interval ${interval(refusals)}), from ${count(refusals.n)} scores`,
    ...(failures.lowest.length === 0
      ? []
      : [
          table(
            ['Score', 'Label', 'Scores', 'Mean', 'Worst calls'],
            failures.lowest.map(one => [
              plain(one.score),
              one.label ? plain(one.label) : '_(no label)_',
              count(one.n),
              number(one.mean),
              links(one.examples),
            ]),
          ),
        ]),
  ];
}

function figureTable({ latency, cost, tokens }: ModelCard): string {
  const ms = (value: number | null) => (value === null ? missing : `${Math.round(value)} ms`);
  const usd = (value: string | null) => (value === null ? missing : `$${value}`);
  const mean = (value: number | null) => (value === null ? missing : number(value, 1));
  const from = cost.source === 'ledger' ? 'ledger' : 'as first priced';
  return table(
    ['', 'Value', 'Calls it stands on'],
    [
      ['Latency p50', ms(latency.p50_ms), count(latency.calls)],
      ['Latency p95', ms(latency.p95_ms), count(latency.calls)],
      [`Cost per 1,000 calls (${from})`, usd(cost.usd_per_1000_calls), count(cost.priced_calls)],
      [`Cost in the window (${from})`, usd(cost.total_usd), count(cost.priced_calls)],
      ['Input tokens a call', mean(tokens.input.mean), count(tokens.input.calls)],
      ['Output tokens a call', mean(tokens.output.mean), count(tokens.output.calls)],
    ],
  );
}

function goldenParts({ golden: { runs, gates } }: ModelCard): string[] {
  if (runs.length === 0) return ['_No runs._'];
  const rows = runs.flatMap(run =>
    (run.scores.length > 0 ? run.scores : [null]).map(score => [
      `${plain(run.set)} v${run.version}`,
      plain(run.name),
      time(run.created_at),
      `${count(run.totals.results)} of ${count(run.totals.cases)}`,
      score ? plain(score.evaluator) : missing,
      score?.mean == null ? missing : number(score.mean),
      score ? interval(score) : missing,
      score ? count(score.n) : missing,
    ]),
  );
  const said = gates.map(
    ({ set, gate }) =>
      `${plain(set)}: **${gateWords[gate.verdict]}**. ${plain(gate.sentence)} (${count(gate.n)} cases)`,
  );
  const heads = ['Set', 'Run', 'Made', 'Cases answered', 'Score', 'Mean', '95 % interval', 'Scores'];
  return [table(heads, rows), ...(said.length > 0 ? [list(said)] : [])];
}

/** Flagged gaps, and how many cohorts were compared or are too small to be shown. */
function fairnessPart({ fairness }: ModelCard): string {
  if (!fairness) return `_${missing}_`;
  const rows = fairness.cohorts.flatMap(cohort =>
    cohort.gaps
      .filter(({ flagged }) => flagged)
      .map(one => [
        cohort.value === '' ? '_(none named)_' : plain(cohort.value),
        one.measure,
        one.gap === null ? missing : number(one.gap, 3),
        interval(one),
        count(one.calls),
      ]),
  );
  const { small_cohorts: small } = fairness;
  const left =
    small.cohorts > 0
      ? `; ${count(small.cohorts)} more, with ${count(small.calls)} calls together, too small to be shown`
      : '';
  const sizes = `${count(fairness.cohorts.length)} cohorts compared${left}.`;
  const flagged = table(['Tenant', 'Measure', 'Gap to the others', 'Interval', 'Calls'], rows);
  return [plain(fairness.sentence), sizes, ...(rows.length > 0 ? [flagged] : [])].join('\n\n');
}

function judgeLines({ judges }: ModelCard): string {
  if (judges.length === 0) return '_No judge of these scores is watched._';
  return list(
    judges.flatMap(({ score, anchored_since, changes }) => {
      const since = anchored_since ? `watched since ${time(anchored_since)}` : 'not watched now';
      const found = changes.map(
        one =>
          `${plain(score)}: the judge changed between ${time(one.after)} and ${time(one.by)} by ${number(one.difference, 3)} (${interval(one)}), ${one.ended_at ? `until ${time(one.ended_at)}` : 'and still differs'}`,
      );
      return [`${plain(score)}: ${since}${changes.length === 0 ? ', no change found' : ''}`, ...found];
    }),
  );
}

const list = (lines: readonly string[]) => lines.map(line => `- ${line}`).join('\n');
const quote = (text: string) =>
  text
    .split(/\r?\n/)
    .map(line => `> ${escapeTags(line)}`)
    .join('\n');
const escapeTags = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
/** What came from outside must not become markup. */
const plain = (text: string) =>
  escapeTags(text.replace(/\s+/g, ' ')).replace(/[\\`*_|[\]#]/g, found => `\\${found}`);
const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [heads, heads.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
const time = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
const count = (value: number) => value.toLocaleString('en-US');
const number = (value: number, digits = 2) => value.toFixed(digits);
/** Small shares keep two digits: 0.01 % is not none. */
const percent = (ratio: number) => {
  const value = ratio * 100;
  return `${value === 0 ? '0' : value < 1 ? value.toPrecision(2) : value.toFixed(1)} %`;
};
