import type { GateResult, GoldenResult, GoldenRun } from '#contract/golden.ts';
import { callText } from '../evaluators/tool-calls-match.ts';
import { questionOf } from './case.ts';
import { type Judged, judgePairs } from './compare.ts';
import { points } from './gate.ts';
import { candidateScore, type Paired, scoreOf } from './pairs.ts';

const mostRegressions = 5;
const longestLine = 400;

const heads = { pass: 'pass', fail: 'fail', not_enough_cases: 'not enough cases' } as const;

/** For a pull request: the verdict, the numbers, the worst regressions with what changed. `baseUrl` is the dashboard's. */
export function gateReport(gate: GateResult, paired: Paired, baseUrl: string): string {
  const { baseline, candidate, evaluator } = paired;
  const judged = judgePairs(paired);
  const worst = judged.filter(({ outcome }) => outcome === 'regressed').slice(0, mostRegressions);
  const search = new URLSearchParams({
    a: baseline.run_id,
    b: candidate.run_id,
    by: evaluator.split('@')[0] ?? '',
  });
  const page = `${baseUrl}/golden/${baseline.set}/compare?${search}`;
  return [
    `## Golden set ${code(baseline.set)}: ${heads[gate.verdict]}`,
    gate.sentence,
    scoreTable(baseline, candidate, gate),
    countLine(judged, gate),
    ...(worst.length > 0 ? ['### Top regressions'] : []),
    ...worst.map(one => regression(one, paired, baseUrl)),
    `[Compare the runs case by case](${page})`,
    `<sub>Margin ${gate.margin}, alpha ${gate.alpha}; ${gate.method}.</sub>`,
  ].join('\n\n');
}

function scoreTable(baseline: GoldenRun, candidate: GoldenRun, gate: GateResult): string {
  const ids = new Set([gate.evaluator, ...candidate.scores.map(({ evaluator }) => evaluator)]);
  const rows = [...ids].map(id => {
    const [one, other] = [baseline, candidate].map(run =>
      run.scores.find(({ evaluator }) => evaluator === id),
    );
    return [code(id), ...[one, other].map(score => number(score?.mean ?? null, 3))];
  });
  const figure = (name: string, of: (run: GoldenRun) => string) => [name, of(baseline), of(candidate)];
  return table(
    ['', cell(baseline.name), cell(candidate.name)],
    [
      ...rows,
      figure(
        'Cases answered',
        run => `${run.totals.results} of ${run.totals.cases} (version ${run.version})`,
      ),
      figure('Failed', run => String(run.totals.errors)),
      figure('Median latency', run => unit(number(run.totals.median_latency_ms, 0), ' ms')),
      figure('Cost', run => (run.totals.cost_usd === null ? 'not known' : `$${run.totals.cost_usd}`)),
    ],
  );
}

function countLine(judged: readonly Judged[], gate: GateResult): string {
  const count = (outcome: Judged['outcome']) => judged.filter(one => one.outcome === outcome).length;
  const said = [
    `${count('regressed')} cases got worse, ${count('improved')} better, ${count('same')} are the same`,
    ...(gate.errors > 0 ? [`the candidate failed on ${gate.errors}, which count as the worst score`] : []),
    ...(gate.unknown > 0 ? [`${gate.unknown} have no score of the candidate and count against it`] : []),
    ...(gate.left_out > 0 ? [`${gate.left_out} could not be compared`] : []),
  ];
  return `${said.join('; ')}.`;
}

function regression({ case: of, baseline, candidate, difference }: Judged, paired: Paired, baseUrl: string) {
  const before = number(scoreOf(baseline, paired.evaluator), 2);
  const after = number(candidateScore(candidate, paired), 2);
  const lines = [...prefixed('-', saidText(baseline)), ...prefixed('+', saidText(candidate))];
  const fence = '`'.repeat(
    Math.max(3, ...lines.flatMap(line => (line.match(/`+/g) ?? []).map(({ length }) => length + 1))),
  );
  const trace = candidate?.trace_id ? ` ([trace](${baseUrl}/traces/${candidate.trace_id}))` : '';
  return [
    `**${code(of.case_id)}** ${before} → ${after} (${points(difference ?? 0)})${trace}`,
    ...(questionOf(of.input) ? [`> ${escaped(clip(questionOf(of.input)))}`] : []),
    [`${fence}diff`, ...lines, fence].join('\n'),
  ].join('\n\n');
}

/** What a result said: its text or error, and the tools it asked for. */
const saidText = (result: GoldenResult | null) =>
  [result?.output || result?.error || '', ...(result?.tool_calls ?? []).map(call => `→ ${callText(call)}`)]
    .filter(Boolean)
    .join('\n');

const prefixed = (sign: string, text: string) =>
  text
    .split('\n')
    .slice(0, 12)
    .map(line => `${sign} ${clip(line)}`);

const clip = (text: string) => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
};

/** Text of others must not become markup, nor mention people. */
const escaped = (text: string) => text.replaceAll(/[\\`*_{}[\]<>()#|~!@]/g, found => `\\${found}`);
const cell = (text: string) => escaped(clip(text)) || ' ';
const code = (text: string) => `\`${text.replaceAll(/[`|\n]/g, ' ')}\``;
const number = (value: number | null, digits: number) => (value === null ? 'none' : value.toFixed(digits));
const unit = (text: string, of: string) => (text === 'none' ? 'not known' : text + of);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
