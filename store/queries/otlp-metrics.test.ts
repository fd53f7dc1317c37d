import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { spanRow } from '../../test/support/rows.ts';
import { clickhouseTime, type MetricRow } from '../rows.ts';
import { type OtlpMetricQuestion, readOtlpMetricSeries } from './otlp-metric-series.ts';
import { readOtlpMetrics } from './otlp-metrics.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine?.stop());

const fromMs = Date.parse('2026-11-20T10:00:00Z');
const minuteMs = 60_000;
/** Minutes after the start of the asked hour, as a stored time. */
const at = (minutes: number) => clickhouseTime(BigInt(Math.round(fromMs + minutes * minuteMs)) * 1_000_000n);

/** A cumulative counter's point; `start` and `time` are minutes after the start of the asked hour. */
function point({
  time,
  start = -1000,
  ...given
}: Partial<Omit<MetricRow, 'time' | 'start_time'>> & {
  project_id: string;
  time: number;
  start?: number;
}): MetricRow {
  return {
    name: 'm',
    unit: '{token}',
    kind: 'sum',
    temporality: 'cumulative',
    monotonic: 1,
    service: 'app',
    environment: '',
    release: '',
    attributes: {},
    resource: {},
    series_id: '1',
    value: null,
    count: null,
    sum: null,
    min: null,
    max: null,
    bounds: [],
    bucket_counts: [],
    version: '1',
    ...given,
    time: at(time),
    start_time: at(start),
  };
}

async function series(projectId: string, over: Partial<OtlpMetricQuestion> = {}) {
  return readOtlpMetricSeries(engine.clickhouse, {
    projectId,
    name: 'm',
    unit: undefined,
    kind: undefined,
    groupBy: '',
    service: '',
    fromMs,
    toMs: fromMs + 60 * minuteMs,
    stepS: 300,
    ...over,
  });
}

/** The values of the only group by minute of the hour. */
async function valuesOf(projectId: string, over: Partial<OtlpMetricQuestion> = {}) {
  const found = await series(projectId, over);
  expect(found?.series.length).toBeLessThanOrEqual(1);
  return Object.fromEntries(
    (found?.series[0]?.points ?? []).map(({ time, value }) => [
      (Date.parse(time) - fromMs) / minuteMs,
      value,
    ]),
  );
}

const store = (rows: MetricRow[]) => engine.clickhouse.insert('metrics', rows);

describe('a cumulative sum', () => {
  const counter = (project_id: string) => (time: number, value: number, start?: number) =>
    point({ project_id, time, value, ...(start === undefined ? {} : { start }) });

  test('adds the differences of its points', async () => {
    const p = counter('differences');
    await store([p(1, 100), p(2, 103), p(6, 110), p(12, 110)]);
    // The start lies before the range: what was counted until the first point is of no known time.
    expect(await valuesOf('differences')).toEqual({ 0: 3, 5: 7, 10: 0 });
  });

  test('takes its base from just before the range', async () => {
    const p = counter('base');
    await store([p(-1, 90), p(1, 100), p(2, 103)]);
    expect(await valuesOf('base')).toEqual({ 0: 13 });
  });

  test('that began in the range began at 0', async () => {
    const p = counter('began');
    await store([p(2, 40, 1), p(7, 45, 1)]);
    expect(await valuesOf('began')).toEqual({ 0: 40, 5: 5 });
  });

  test('whose start is the time of its first point is not known from 0, unless an SDK says so', async () => {
    const points = (project_id: string) => [counter(project_id)(2, 40, 2), counter(project_id)(7, 45, 2)];
    await store(points('unknown'));
    expect(await valuesOf('unknown')).toEqual({ 5: 5 });
    const resource = { 'telemetry.sdk.name': 'opentelemetry' };
    await store(points('quick').map(row => ({ ...row, resource })));
    expect(await valuesOf('quick')).toEqual({ 0: 40, 5: 5 });
  });

  test('begins anew with a changed start time, and by a fall', async () => {
    const p = counter('resets');
    await store([p(1, 100), p(2, 110), p(6, 4, 5), p(7, 9, 5), p(11, 3, 5), p(12, 5, 5)]);
    // 10 | from 0 to 4, to 9 | fell to 3: that much since, then 2 more.
    expect(await valuesOf('resets')).toEqual({ 0: 10, 5: 9, 10: 5 });
  });

  test('of two processes under one name is two series, though their points alternate', async () => {
    const p = counter('two');
    await store([p(1, 10, 0), p(2, 500, 0.5), p(3, 12, 0), p(4, 501, 0.5)]);
    expect(await valuesOf('two')).toEqual({ 0: 12 + 501 });
  });

  test('counts a repeated point once, and a late one in its place', async () => {
    const p = counter('late');
    await store([p(1, 100), p(8, 120)]);
    expect(await valuesOf('late')).toEqual({ 5: 20 });
    await store([p(8, 120), p(1, 100)]);
    await store([p(3, 104)]);
    expect(await valuesOf('late')).toEqual({ 0: 4, 5: 16 });
  });

  test('that may fall is no reset when it does', async () => {
    const p = counter('updown');
    await store([p(1, 5), p(2, 9), p(6, 3)].map(row => ({ ...row, monotonic: 0 as const })));
    expect(await valuesOf('updown')).toEqual({ 0: 4, 5: -6 });
  });
});

test('delta points are added as sent, without a base', async () => {
  const delta = (time: number, value: number) =>
    point({ project_id: 'delta', time, value, start: time - 1, temporality: 'delta' });
  await store([delta(-1, 99), delta(1, 3), delta(4, 2), delta(5, 7)]);
  expect(await valuesOf('delta')).toEqual({ 0: 5, 5: 7 });
});

test('senders of either temporality add up', async () => {
  await store([
    point({ project_id: 'both', time: 1, value: 3, start: 0, temporality: 'delta', series_id: '1' }),
    point({ project_id: 'both', time: 1, value: 100, series_id: '2' }),
    point({ project_id: 'both', time: 2, value: 104, series_id: '2' }),
  ]);
  expect(await valuesOf('both')).toEqual({ 0: 7 });
});

test('a gauge is the mean over its series, however often each reports', async () => {
  const gauge = (time: number, value: number, series_id: string) =>
    point({ project_id: 'gauge', time, value, series_id, kind: 'gauge', temporality: '' });
  await store([gauge(1, 10, '1'), gauge(2, 20, '1'), gauge(3, 30, '1'), gauge(4, 60, '2'), gauge(9, 1, '2')]);
  // (mean of 10, 20, 30 = 20 and 60) / 2
  expect(await valuesOf('gauge')).toEqual({ 0: 40, 5: 1 });
});

describe('a histogram', () => {
  type Counts = { bounds: number[]; counts: number[]; sum?: number | null };
  const histogram = (
    project_id: string,
    time: number,
    { bounds, counts, sum = 0 }: Counts,
    over: Partial<MetricRow> & { start?: number } = {},
  ) => {
    const { start = time - 1, ...rest } = over;
    return point({
      project_id,
      time,
      kind: 'histogram',
      temporality: 'delta',
      count: String(counts.reduce((total, n) => total + n, 0)),
      sum,
      bounds,
      bucket_counts: counts.map(String),
      ...(rest as object),
      start,
    });
  };
  const first = async (projectId: string) => {
    const found = await series(projectId);
    expect(found?.series.map(({ group }) => group)).toEqual(['']);
    const { time: _, ...figures } = found!.series[0]!.points[0]!;
    return figures;
  };

  test('has count, sum and quantiles within its buckets', async () => {
    await store([histogram('h1', 1, { bounds: [10, 20], counts: [0, 10, 0], sum: 150 })]);
    expect(await first('h1')).toEqual({ value: 150, count: 10, p50: 15, p95: 19.5, p99: 19.9 });
  });

  test('begins at 0, and ends at its last boundary', async () => {
    await store([histogram('h2', 1, { bounds: [10, 20], counts: [6, 0, 4] })]);
    // 5 of the 6 below 10: 10 × 5/6. Of those above 20 nothing else is known.
    expect(await first('h2')).toMatchObject({ p50: 10 * (5 / 6), p95: 20, p99: 20 });
    await store([histogram('h3', 1, { bounds: [0, 10], counts: [6, 4, 0] })]);
    expect(await first('h3')).toMatchObject({ p50: 0, p95: 8.75 });
  });

  test('is merged with series that have other boundaries', async () => {
    await store([
      histogram('h4', 1, { bounds: [10, 20], counts: [0, 4, 0] }, { series_id: '1' }),
      histogram('h4', 2, { bounds: [15, 30], counts: [0, 4, 0] }, { series_id: '2' }),
    ]);
    // At 15: 2 of 8. At 20: 4 + 4 × 5/15 = 5⅓. The fourth lies (4 − 2) / (5⅓ − 2) of the way: 18.
    // At 30: all 8; 95 % are 7.6: 20 + 10 × (7.6 − 5⅓) / 2⅔ = 28.5.
    const { p50, p95 } = await first('h4');
    expect(p50).toBeCloseTo(18, 10);
    expect(p95).toBeCloseTo(28.5, 10);
  });

  test('that is cumulative is differenced bucket by bucket, and begins anew by a fall of its count', async () => {
    const cumulative = { temporality: 'cumulative', start: -1000 };
    const bounds = [10, 20, 40];
    await store([
      histogram('h5', 1, { bounds, counts: [50, 50, 0, 0], sum: 1000 }, cumulative),
      histogram('h5', 6, { bounds, counts: [50, 50, 8, 2], sum: 1320 }, cumulative),
      histogram('h5', 11, { bounds, counts: [0, 4, 0, 0], sum: 60 }, cumulative),
    ]);
    const [since, reset, ...more] = (await series('h5'))!.series[0]!.points;
    expect(more).toEqual([]);
    // 10 of which 8 in (20, 40]: the fifth at 20 + 20 × 5/8.
    expect(since).toMatchObject({ value: 320, count: 10, p50: 32.5, p95: 40, p99: 40 });
    expect(reset).toMatchObject({ value: 60, count: 4, p50: 15 });
  });

  test('that is exponential may halve its resolution while it counts', async () => {
    const cumulative = { temporality: 'cumulative', start: -1000, kind: 'exponential_histogram' };
    await store([
      // Scale 0: (1, 2], (2, 4], (4, 8]; then scale -1: (1, 4], (4, 16], (16, 64].
      histogram('h6', 1, { bounds: [0, 1, 2, 4, 8], counts: [1, 0, 5, 6, 7, 0] }, cumulative),
      histogram('h6', 2, { bounds: [0, 1, 4, 16, 64], counts: [2, 0, 13, 7, 9, 0] }, cumulative),
    ]);
    const found = await series('h6');
    expect(found?.kind).toBe('exponential_histogram');
    // Added: a zero, (1, 4]: 13 − 11 = 2, (4, 16]: 7 − 7 = 0, (16, 64]: 9. Twelve: the sixth is the third of those 9.
    expect(found!.series[0]!.points).toMatchObject([{ count: 12, p50: 16 + 48 / 3 }]);
  });

  test('without boundaries has a count and a sum, and no quantiles; without a sum it has none', async () => {
    await store([histogram('h7', 1, { bounds: [], counts: [5], sum: 10 })]);
    expect(await first('h7')).toEqual({ value: 10, count: 5, p50: null, p95: null, p99: null });
    await store([
      histogram('h8', 1, { bounds: [1], counts: [1, 1], sum: null }, { series_id: '1' }),
      histogram('h8', 1, { bounds: [1], counts: [1, 1], sum: 5 }, { series_id: '2' }),
    ]);
    expect(await first('h8')).toMatchObject({ value: null, count: 4 });
  });

  test('nothing measured is a count of 0 and no quantile', async () => {
    await store([histogram('h9', 1, { bounds: [1], counts: [0, 0], sum: 0 })]);
    expect(await first('h9')).toEqual({ value: 0, count: 0, p50: null, p95: null, p99: null });
  });
});

describe('quantiles of series with any boundaries', () => {
  interface Buckets {
    bounds: number[];
    counts: number[];
  }
  const someBuckets: fc.Arbitrary<Buckets> = fc
    .uniqueArray(fc.integer({ min: -4, max: 12 }), { minLength: 1, maxLength: 5 })
    .chain(bounds =>
      fc.record({
        bounds: fc.constant(bounds.sort((a, b) => a - b)),
        counts: fc.array(fc.nat(4), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
      }),
    );

  /** How many lie at or below x, each bucket spread evenly over its width. */
  function upTo(all: readonly Buckets[], x: number): number {
    let sum = 0;
    for (const { bounds, counts } of all)
      for (const [place, n] of counts.entries()) {
        const upper = bounds[place] ?? bounds.at(-1)!;
        const from = place > 0 ? bounds[place - 1]! : Math.min(0, upper);
        if (upper <= x) sum += n;
        else if (from < x) sum += (n * (x - from)) / (upper - from);
      }
    return sum;
  }

  test('are where the share is reached, and not before', async () => {
    const cases = fc.sample(fc.array(someBuckets, { minLength: 1, maxLength: 3 }), 40);
    await store(
      cases.flatMap((all, which) =>
        all.map(({ bounds, counts }, place) =>
          point({
            project_id: 'any',
            series_id: String(10 * which + place),
            attributes: { case: String(which) },
            time: 1,
            kind: 'histogram',
            temporality: 'delta',
            count: String(counts.reduce((sum, n) => sum + n, 0)),
            sum: 0,
            bounds,
            bucket_counts: counts.map(String),
          }),
        ),
      ),
    );
    const found = (await series('any', { groupBy: 'case' }))!.series;
    expect(found).toHaveLength(cases.length);
    for (const [which, all] of cases.entries()) {
      const { count, p50, p95, p99 } = found.find(({ group }) => group === String(which))!.points[0]!;
      if (count === 0) expect([p50, p95, p99]).toEqual([null, null, null]);
      else
        for (const [share, quantile] of [
          [0.5, p50!],
          [0.95, p95!],
          [0.99, p99!],
        ] as const) {
          expect(upTo(all, quantile + 1e-9), JSON.stringify(all)).toBeGreaterThanOrEqual(
            share * count! - 1e-6,
          );
          expect(upTo(all, quantile - 1e-6), JSON.stringify(all)).toBeLessThan(share * count! + 1e-9);
        }
    }
  });
});

test('a summary has count and sum', async () => {
  const summary = (time: number, count: string, sum: number) =>
    point({ project_id: 'summary', time, count, sum, kind: 'summary', temporality: '' });
  await store([summary(1, '10', 100), summary(2, '14', 130)]);
  const found = await series('summary');
  expect(found?.series[0]?.points).toEqual([
    { time: '2026-11-20T10:00:00.000Z', value: 30, count: 4, p50: null, p95: null, p99: null },
  ]);
});

describe('groups', () => {
  const delta = (over: Partial<MetricRow>) => ({
    ...point({ project_id: 'groups', time: 1, value: 1, temporality: 'delta' }),
    ...over,
  });

  test('are by attribute or by service, those with most points first', async () => {
    await store([
      delta({ series_id: '1', attributes: { model: 'a' }, service: 'one' }),
      delta({ series_id: '2', attributes: { model: 'b' }, service: 'two', value: 2 }),
      delta({ series_id: '3', attributes: { model: 'b' }, service: 'one', value: 4 }),
      delta({ series_id: '4', service: 'one', value: 8 }),
    ]);
    const totals = async (over: Partial<OtlpMetricQuestion>) =>
      (await series('groups', over))?.series.map(({ group, points }) => [group, points[0]?.value]);
    expect(await totals({ groupBy: 'model' })).toEqual([
      ['b', 6],
      ['', 8],
      ['a', 1],
    ]);
    expect(await totals({ groupBy: 'service' })).toEqual([
      ['one', 13],
      ['two', 2],
    ]);
    expect(await totals({ groupBy: 'model', service: 'two' })).toEqual([['b', 2]]);
  });

  test('beyond fifty are one', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => ({
      ...delta({ series_id: String(n), attributes: { user: `u${String(n).padStart(2, '0')}` } }),
      project_id: 'many',
    }));
    await store(rows);
    const found = await series('many', { groupBy: 'user' });
    expect(found?.series).toHaveLength(51);
    expect(found?.series.at(-1)).toMatchObject({ group: 'Other', points: [{ value: 10 }] });
  });
});

test('of two metrics with one name, the one with most points or the one asked for', async () => {
  const ms = { unit: 'ms', kind: 'gauge', temporality: '', series_id: '2' };
  await store([
    point({ project_id: 'same', time: 1, value: 1, temporality: 'delta' }),
    point({ project_id: 'same', time: 1, value: 500, ...ms }),
    point({ project_id: 'same', time: 2, value: 700, ...ms }),
  ]);
  expect(await series('same')).toMatchObject({ unit: 'ms', kind: 'gauge' });
  expect(await valuesOf('same', { unit: '{token}' })).toEqual({ 0: 1 });
  expect(await valuesOf('same', { kind: 'gauge' })).toEqual({ 0: 600 });
  expect(await series('same', { name: 'nothing' })).toBeNull();
  const later = { fromMs: fromMs + 86_400_000, toMs: fromMs + 2 * 86_400_000 };
  expect(await series('same', later)).toMatchObject({ unit: 'ms', series: [] });
});

test('the list says what was received, from whom, and who sends no spans', async () => {
  const project_id = 'list';
  const token = { project_id, name: 'gen_ai.client.token.usage', temporality: 'delta', value: 1 };
  await store([
    point({ ...token, time: 1, service: 'traced', attributes: { model: 'a', type: 'input' } }),
    point({ ...token, time: 2, service: 'silent', series_id: '2', attributes: { region: 'eu' } }),
    point({ ...token, time: 2, service: 'silent', series_id: '2', attributes: { region: 'eu' } }),
    point({ ...token, time: 100, service: 'later', series_id: '3' }),
    point({
      project_id,
      name: 'depth',
      unit: '',
      kind: 'gauge',
      temporality: '',
      monotonic: 0,
      time: 5,
      value: 1,
      service: 'counted',
    }),
  ]);
  await engine.clickhouse.insert('spans', [
    spanRow({ project_id, at: '2026-11-20T10:30:00Z', trace_id: 't', span_id: 's', service: 'traced' }),
  ]);
  await engine.clickhouse.insert('ingest_sources', [
    {
      project_id,
      minute: '2026-11-20 10:30:00',
      collector_id: 'c',
      signal: 'traces',
      service: 'counted',
      acked: '3',
    },
    {
      project_id,
      minute: '2026-11-20 10:30:00',
      collector_id: 'c',
      signal: 'metrics',
      service: 'silent',
      acked: '3',
    },
  ]);
  const range = { projectId: project_id, fromMs, toMs: fromMs + 60 * minuteMs };
  expect(await readOtlpMetrics(engine.clickhouse, range)).toEqual([
    {
      name: 'depth',
      unit: '',
      kind: 'gauge',
      monotonic: false,
      services: ['counted'],
      attributes: [],
      points: 1,
      last_seen: '2026-11-20T10:05:00.000Z',
      without_spans: [],
    },
    {
      name: 'gen_ai.client.token.usage',
      unit: '{token}',
      kind: 'sum',
      monotonic: true,
      services: ['silent', 'traced'],
      attributes: ['model', 'region', 'type'],
      points: 2,
      last_seen: '2026-11-20T10:02:00.000Z',
      without_spans: ['silent'],
    },
  ]);
});

describe('however points are split, repeated and reordered, the series is the same', () => {
  // Counts of one process between two exports: how many measurements fell into each of three buckets.
  const process = fc.record({
    startAt: fc.integer({ min: -20, max: 30 }),
    temporality: fc.constantFrom('delta', 'cumulative'),
    exports: fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5)), { minLength: 1, maxLength: 12 }),
  });
  type Process = { startAt: number; temporality: string; exports: [number, number, number][] };

  function rowsOf(processes: readonly Process[], arrival: string, firstId: number): MetricRow[] {
    return processes.flatMap(({ startAt, temporality, exports }, which) => {
      let total = [0, 0, 0];
      return exports.flatMap((added, step) => {
        total = temporality === 'delta' ? added : total.map((n, bucket) => n + added[bucket]!);
        const time = startAt + 2 * (step + 1);
        const shared = {
          project_id: 'arrivals',
          attributes: { arrival },
          time,
          temporality,
          start: temporality === 'delta' ? time - 2 : startAt,
          series_id: String(firstId + which),
        };
        const sum = total[0]! + 2 * total[1]! + 4 * total[2]!;
        return [
          point({ ...shared, value: sum }),
          point({
            ...shared,
            name: 'h',
            kind: 'histogram',
            count: String(total[0]! + total[1]! + total[2]!),
            sum,
            bounds: [1, 2],
            bucket_counts: total.map(String),
          }),
        ];
      });
    });
  }

  /** What was added in the hour, as far as the point before it is among those read: ten minutes before the hour at most. */
  function expectedTotal(processes: readonly Process[]): number {
    let total = 0;
    for (const { startAt, exports, temporality } of processes)
      for (const [step, [a, b, c]] of exports.entries()) {
        const time = startAt + 2 * (step + 1);
        const isBase = temporality === 'cumulative' && startAt < 0 && (step === 0 || time - 2 < -10);
        if (time >= 0 && time < 60 && !isBase) total += a + 2 * b + 4 * c;
      }
    return total;
  }

  test('as one clean insert', async () => {
    const shuffles = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });
    // Groups of one metric, all of which are asked for at once: twice as many as these, and fifty at most.
    const cases = fc.sample(fc.tuple(fc.tuple(process, process), shuffles), 12);
    await store(cases.flatMap(([processes], run) => rowsOf(processes, `clean ${run}`, 10 * run)));
    const mixed = cases.map(([processes, shuffle], run) =>
      rowsOf(processes, `mixed ${run}`, 1000 + 10 * run)
        .map((row, n) => ({ row, place: shuffle[n % 60]! }))
        .sort((a, b) => a.place - b.place)
        .map(({ row }) => row),
    );
    const cut = (rows: MetricRow[]) => Math.floor(rows.length / 3);
    await store(mixed.flatMap(rows => rows.slice(0, 2 * cut(rows))));
    await store(mixed.flatMap(rows => rows.slice(cut(rows))));
    const [sums, histograms] = await Promise.all(
      ['m', 'h'].map(async name => {
        const found = await series('arrivals', { name, groupBy: 'arrival' });
        return new Map(found?.series.map(({ group, points }) => [group, points]));
      }),
    );
    for (const [run, [processes]] of cases.entries()) {
      const label = JSON.stringify(processes);
      const clean = sums!.get(`clean ${run}`);
      expect(sums!.get(`mixed ${run}`), label).toEqual(clean);
      expect(histograms!.get(`mixed ${run}`), label).toEqual(histograms!.get(`clean ${run}`));
      const total = (clean ?? []).reduce((sum, { value }) => sum + (value ?? 0), 0);
      expect(total, label).toBe(expectedTotal(processes));
    }
  });
});
