import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCollector } from '#collector/run.ts';
import type { Collector } from '#collector/start.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { type CapturedBody, readScenarios } from '../support/captures.ts';
import { eventually } from '../support/driftline.ts';
import { quietLog, startTestEngine, type TestEngine } from '../support/engine.ts';
import { type Ledger, ledgerDifferences, readLedger, walSegments } from '../support/ledger.ts';
import { splitByItem } from '../support/otlp-requests.ts';
import { type Seeded, seeded } from '../support/seeded.ts';

const scenarios = readScenarios();
/** Cases at work at once, each in a project of its own. */
const WORKERS = 8;
const PATIENCE = { quietMs: 150, longestMs: 500 };
/** Long enough for what came before to be settled without what comes after. */
const PAUSE_MS = 1_000;

let engine: TestEngine;
let state: StateDb;
let folder: string;
const collectors: Collector[] = [];
const folders: string[] = [];
/** The ledger of each scenario sent alone, whole and in order. */
let clean: Ledger[];

beforeAll(async () => {
  engine = await startTestEngine();
  folder = mkdtempSync(join(tmpdir(), 'driftline-property-'));
  state = await openState({ dataDir: folder });
  for (const name of ['one', 'two']) {
    folders.push(join(folder, name));
    collectors.push(await startOne(join(folder, name)));
  }
  await Promise.all(
    scenarios.map(async ({ bodies }, index) => {
      for (const body of bodies) await send(collectors[0]!, `clean-${index}`, body);
    }),
  );
  await allSettled();
  clean = await Promise.all(scenarios.map((_, index) => ledgerOf(`clean-${index}`)));
  // What each scenario's ledger must be is the capture tests' business; here it must only not be empty.
  expect(clean.filter(({ calls }) => calls.length > 0).length).toBeGreaterThan(scenarios.length / 2);
});
afterAll(async () => {
  await Promise.all(collectors.map(collector => collector.stop()));
  await state?.destroy();
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function startOne(dataDir: string): Promise<Collector> {
  return runCollector({
    dataDir,
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    clickhouse: engine.clickhouse,
    state,
    privacy: { captureContent: 'on', isLoopback: true },
    log: quietLog,
    authorize: header => ({ projectId: header?.replace('Bearer ', '') ?? '', keyId: null }),
    settings: { flushMs: 30, patience: PATIENCE, stopMs: 5_000 },
  });
}

/** How some scenarios reach us. */
interface Delivery {
  scenarios: number[];
  /** Every span and record in a request of its own. */
  split: boolean;
  shuffled: boolean;
  /** Share of the requests that come twice. */
  repeated: number;
  /** Pauses that are longer than the settling waits. */
  pauses: number;
  collectors: number;
  seed: number;
}

const delivery: fc.Arbitrary<Delivery> = fc.record({
  scenarios: fc.uniqueArray(fc.nat(scenarios.length - 1), { minLength: 1, maxLength: 4 }),
  split: fc.boolean(),
  shuffled: fc.boolean(),
  repeated: fc.constantFrom(0, 0.2, 1),
  pauses: fc.nat(3),
  collectors: fc.constantFrom(1, 2),
  seed: fc.nat(),
});

let projects = 0;
const expectedOf = new Map<string, Ledger>();

test('the ledger is the same as for a clean send, however scenarios are mixed, cut, repeated and delayed', {
  timeout: 600_000,
}, async () => {
  const { seed = 0, numRuns = 100 } = fc.readConfigureGlobal();
  const outcomes = await Promise.allSettled(
    Array.from({ length: WORKERS }, (_, worker) =>
      fc.assert(fc.asyncProperty(delivery, deliverAndCompare), {
        seed: seed + worker,
        numRuns: Math.ceil(numRuns / WORKERS),
      }),
    ),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  // Equal once is not equal for good: a part that was settled late may have changed it again.
  await allSettled();
  for (const [project, expected] of expectedOf) {
    expect(ledgerDifferences(expected, await ledgerOf(project)), project).toEqual([]);
  }
});

async function deliverAndCompare(how: Delivery): Promise<void> {
  const project = `case-${projects++}`;
  const expected = merged(how.scenarios.map(index => clean[index]!));
  const waves = wavesOf(how);
  for (const [index, wave] of waves.entries()) {
    if (index > 0) await sleep(PAUSE_MS);
    await Promise.all(wave.map(({ body, collector }) => send(collectors[collector]!, project, body)));
  }
  let differences: string[] = [];
  await eventually(
    async () => {
      differences = ledgerDifferences(expected, await ledgerOf(project));
    },
    () => differences.length === 0,
    30,
  ).catch(() => {
    const names = how.scenarios.map(index => scenarios[index]!.name);
    throw new Error(`${project} of ${names.join(', ')}:\n${differences.join('\n')}`);
  });
  expectedOf.set(project, expected);
}

interface Sending {
  body: CapturedBody;
  collector: number;
}

/** The requests of a delivery, in parts between which there is a pause. */
function wavesOf(how: Delivery): Sending[][] {
  const random = seeded(how.seed);
  const bodies = how.scenarios.flatMap(index => scenarios[index]!.bodies);
  const units = how.split ? bodies.flatMap(splitByItem) : bodies;
  const repeated = units.flatMap(unit => (random.next() < how.repeated ? [unit, unit] : [unit]));
  const ordered = how.shuffled ? shuffle(repeated, random) : repeated;
  const size = Math.ceil(ordered.length / (how.pauses + 1));
  const sendings = ordered.map(body => ({ body, collector: random.integer(how.collectors) }));
  return Array.from({ length: how.pauses + 1 }, (_, wave) => sendings.slice(wave * size, (wave + 1) * size));
}

function shuffle<T>(items: readonly T[], random: Seeded): T[] {
  return items
    .map(item => ({ item, key: random.next() }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

function merged(ledgers: readonly Ledger[]): Ledger {
  const tables = Object.keys(ledgers[0]!) as (keyof Ledger)[];
  return Object.fromEntries(tables.map(table => [table, ledgers.flatMap(ledger => ledger[table])])) as Ledger;
}

/** Ids of scores and log records are hashes of the project too, and each case has its own. */
async function ledgerOf(project: string): Promise<Ledger> {
  const ledger = await readLedger(engine.clickhouse, project);
  const withoutId = (row: string) => row.replace(/^\('[0-9a-f]{32}',/, '(');
  return { ...ledger, scores: ledger.scores.map(withoutId), logs: ledger.logs.map(withoutId) };
}

async function send(collector: Collector, project: string, { signal, encoding, body, file }: CapturedBody) {
  const response = await fetch(`${collector.httpUrl}/v1/${signal}`, {
    method: 'POST',
    headers: {
      'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      authorization: `Bearer ${project}`,
    },
    body: new Uint8Array(body),
  });
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`${file}: ${response.status} ${answer}`);
}

async function allSettled(): Promise<void> {
  await eventually(
    async () => folders.flatMap(walSegments),
    segments => segments.length === 0,
    60,
  );
}
