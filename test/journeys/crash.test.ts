import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CapturedBody, readScenarios } from '../support/captures.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { withEngine } from '../support/engine-rows.ts';
import { generateTraffic } from '../support/generated-traffic.ts';
import { asJson, send } from '../support/otlp-requests.ts';
import { seeded } from '../support/seeded.ts';
import { sendStubbornly } from '../support/stubborn-sender.ts';

const SEED = Number(process.env.CRASH_SEED ?? 20_261_121);
const TRACES = 1_500;

/** What is killed, in this order, at random moments. */
const kills = [
  ['collector'],
  ['engine'],
  ['api'],
  ['collector', 'engine'],
  ['engine'],
  ['everything'],
  ['collector'],
  ['engine', 'api'],
  ['collector'],
] as const;

const bodies = trafficOf(SEED);
let undisturbed: Driftline;
let crashed: Driftline;
beforeAll(async () => {
  undisturbed = await startDriftline();
  for (const body of bodies) await send(undisturbed.otlpHttp, body);
});
afterAll(async () => {
  await undisturbed?.stop();
  await crashed?.stop();
});

function trafficOf(seed: number): CapturedBody[] {
  const captured = readScenarios().flatMap(scenario => scenario.bodies);
  const generated = generateTraffic(seeded(seed), TRACES, Date.now());
  const every = Math.floor(generated.length / captured.length);
  return generated.flatMap((body, index) => {
    const other = index % every === 0 ? captured[index / every] : undefined;
    return other ? [body, other] : [body];
  });
}

test('kill -9 at any moment loses nothing and doubles nothing', async () => {
  crashed = await startDriftline();
  const random = seeded(SEED + 1);
  let sending = true;
  const sent = sendStubbornly(bodies, {
    endpoint: () => crashed.otlpHttp,
    random: seeded(SEED + 2),
    lanes: 4,
    pauseMs: 200,
  }).finally(() => {
    sending = false;
  });
  const killed: string[] = [];
  const killing = (async () => {
    for (const victims of kills) {
      await sleep(random.between(200, 2_200));
      if (!sending) return;
      for (const victim of victims) await killOne(victim);
      killed.push(victims.join(' and '));
    }
  })();
  const tries = await sent;
  // The last traces are acknowledged but not settled yet.
  await killOne('everything');
  await killing;
  // Otherwise the traffic was over too soon and little was tested.
  expect(killed).toHaveLength(kills.length);
  expect(tries).toBeGreaterThan(bodies.length);

  const expected = await settledLedger(undisturbed);
  expect(expected.spans).toEqual(sentSpans());
  const seen = await eventually(
    () => ledger(crashed),
    answer => JSON.stringify(answer) === JSON.stringify(expected),
    45,
  ).catch(() => ledger(crashed));
  for (const table of Object.keys(expected) as (keyof Ledger)[]) expect(seen[table]).toEqual(expected[table]);
  expect(await totals(crashed)).toEqual(await totals(undisturbed));
});

/** Ids of every span that was sent, each once, as the ledger writes them. */
function sentSpans(): string[] {
  interface Sent {
    resourceSpans: { scopeSpans: { spans: { traceId: string; spanId: string }[] }[] }[];
  }
  const ids = bodies
    .filter(({ signal }) => signal === 'traces')
    .flatMap(body => (asJson(body) as unknown as Sent).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ traceId, spanId }) => `('${traceId.toLowerCase()}','${spanId.toLowerCase()}')`);
  return [...new Set(ids)].sort();
}

async function killOne(victim: (typeof kills)[number][number]): Promise<void> {
  if (victim === 'everything') {
    await crashed.killAll();
    await crashed.restart();
    return;
  }
  // It may still be on its way back from the last kill.
  await eventually(
    async () => crashed.kill(victim),
    () => true,
    30,
  );
}

type Ledger = Record<'spans' | 'calls' | 'tool_calls' | 'logs' | 'scores' | 'contents', string[]>;

const columns: Record<keyof Ledger, string> = {
  spans: 'trace_id, span_id',
  calls: `trace_id, span_id, feature, tenant, user, model, failed, attempts, failed_attempts, input_tokens, cache_read_tokens,
    cache_write_tokens, output_tokens, reasoning_tokens, embedding_tokens, cost_nanos, price_version, merged_from`,
  tool_calls: 'trace_id, span_id, name, feature, failed',
  logs: 'log_id, trace_id, span_id, event_name',
  scores: 'score_id, name, value, label, trace_id, span_id, response_id',
  contents: 'trace_id, span_id, record_id, input, output',
};

/** Every row of every table as a reader sees it, sorted; twice the same row would be there twice. */
function ledger(driftline: Driftline): Promise<Ledger> {
  return withEngine(driftline, async clickhouse => {
    const read = async (table: string, list: string) => {
      const rows = await clickhouse.query<{ row: string }>(
        `SELECT toString(tuple(${list})) AS row FROM ${table} FINAL ORDER BY row`,
      );
      return rows.map(({ row }) => row);
    };
    const entries = Object.entries(columns).map(
      async ([table, list]) => [table, await read(table, list)] as const,
    );
    return Object.fromEntries(await Promise.all(entries)) as Ledger;
  });
}

/** The ledger once two looks three seconds apart agree. */
async function settledLedger(driftline: Driftline): Promise<Ledger> {
  let last = '';
  return eventually(
    async () => {
      await sleep(3_000);
      return ledger(driftline);
    },
    rows => {
      const before = last;
      last = JSON.stringify(rows);
      return before === last;
    },
    60,
  );
}

async function totals(driftline: Driftline): Promise<unknown> {
  const measures =
    'calls,failed_calls,attempts,input_tokens,cache_read_tokens,output_tokens,cost_usd,tool_calls';
  const { rows } = await driftline.get<{ rows: Record<string, unknown>[] }>(
    `/api/v1/measures?measures=${measures}&group_by=feature,model&from=now-90d`,
  );
  return rows.map(row => JSON.stringify(row)).sort();
}
