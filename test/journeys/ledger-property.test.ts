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

/** What a case sends to: the collectors of one store, and that store. */
interface Target {
  engine: TestEngine;
  collectors: Promise<Collector>[];
  folders: string[];
}

/** Two collectors on one store. */
let shared: Target;
/** One that is alone with its store, knows it, and so settles from memory. */
let sole: Target;
let state: StateDb;
let folder: string;
/** The ledger of each scenario sent alone, whole and in order. */
let clean: Ledger[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'driftline-property-'));
  state = await openState({ dataDir: folder });
  [shared, sole] = await Promise.all([startTarget('one', 'two'), startTarget('sole')]);
  await Promise.all(
    scenarios.map(async ({ bodies }, index) => {
      for (const body of bodies) await send(shared, 0, `clean-${index}`, body);
    }),
  );
  await allSettled(shared);
  clean = await Promise.all(scenarios.map((_, index) => ledgerOf(shared, `clean-${index}`)));
  // What each scenario's ledger must be is the capture tests' business; here it must only not be empty.
  expect(clean.filter(({ calls }) => calls.length > 0).length).toBeGreaterThan(scenarios.length / 2);
});
afterAll(async () => {
  for (const { engine, collectors } of [shared, sole]) {
    await Promise.all(collectors.map(async collector => (await collector).stop()));
    await engine.stop();
  }
  await state?.destroy();
  rmSync(folder, { recursive: true, force: true });
});

async function startTarget(...names: string[]): Promise<Target> {
  const engine = await startTestEngine();
  const folders = names.map(name => join(folder, name));
  const collectors = folders.map(dataDir => startOne(engine, dataDir, { soleWriter: names.length === 1 }));
  await Promise.all(collectors);
  return { engine, collectors, folders };
}

function startOne(
  engine: TestEngine,
  dataDir: string,
  { soleWriter, stopMs = 5_000 }: { soleWriter: boolean; stopMs?: number },
): Promise<Collector> {
  return runCollector({
    dataDir,
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    storing: { clickhouse: engine.clickhouse },
    state,
    soleWriter,
    privacy: { captureContent: 'on', isLoopback: true },
    log: quietLog,
    authorize: header => ({ projectId: header?.replace('Bearer ', '') ?? '', keyId: null }),
    settings: { flushMs: 30, patience: PATIENCE, stopMs },
  });
}

let restarts = 0;

/** Another collector takes over the folder; every second one ends without settling what it has. */
function restart(target: Target): Promise<Collector> {
  const [before, dataDir] = [target.collectors[0]!, target.folders[0]!];
  const stopMs = restarts++ % 2 === 0 ? 5_000 : 1;
  target.collectors[0] = before.then(async collector => {
    await collector.stop();
    return startOne(target.engine, dataDir, { soleWriter: true, stopMs });
  });
  return target.collectors[0];
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
  /** The share of all collectors it is spread over. */
  collectors: number;
  seed: number;
}

const delivery: fc.Arbitrary<Delivery> = fc.record({
  scenarios: fc.uniqueArray(fc.nat(scenarios.length - 1), { minLength: 1, maxLength: 4 }),
  split: fc.boolean(),
  shuffled: fc.boolean(),
  repeated: fc.constantFrom(0, 0.2, 1),
  pauses: fc.nat(3),
  collectors: fc.constantFrom(0.5, 1),
  seed: fc.nat(),
});

let projects = 0;
const expectedOf = new Map<string, { target: Target; ledger: Ledger }>();

test('the ledger is the same as for a clean send, however scenarios are mixed, cut, repeated and delayed', async () => {
  const { seed = 0, numRuns: asked = 100 } = fc.readConfigureGlobal();
  // Each run stores and settles for real: a third of what others do is a minute's work.
  const numRuns = Math.ceil(asked / 3);
  const check = async (workers: number[], runs: number, target: Target, restarting = false) => {
    const outcomes = await Promise.allSettled(
      workers.map(worker =>
        fc.assert(
          fc.asyncProperty(delivery, how => deliverAndCompare(how, target, restarting)),
          { seed: seed + worker, numRuns: Math.ceil(runs / WORKERS) },
        ),
      ),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  };
  const checkSole = async (workers: number[]) => {
    // A collector that was started on a full store looks everything up, so first it is left alone.
    await check(workers, numRuns / 2, sole);
    await check(
      workers.map(worker => worker + WORKERS),
      numRuns / 2,
      sole,
      true,
    );
  };
  const workers = Array.from({ length: WORKERS }, (_, worker) => worker);
  const outcomes = await Promise.allSettled([
    check(workers.slice(WORKERS / 2), numRuns, shared),
    checkSole(workers.slice(0, WORKERS / 2)),
  ]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  // Equal once is not equal for good: a part that was settled late may have changed it again.
  await Promise.all([allSettled(shared), allSettled(sole)]);
  for (const [project, { target, ledger }] of expectedOf) {
    expect(ledgerDifferences(ledger, await ledgerOf(target, project)), project).toEqual([]);
  }
});

async function deliverAndCompare(how: Delivery, target: Target, restarting: boolean): Promise<void> {
  const project = `case-${projects++}`;
  const expected = merged(how.scenarios.map(index => clean[index]!));
  const waves = wavesOf(how, target);
  for (const [index, wave] of waves.entries()) {
    if (index > 0) await (restarting ? restart(target) : sleep(PAUSE_MS));
    await Promise.all(wave.map(({ body, collector }) => send(target, collector, project, body)));
  }
  let differences: string[] = [];
  await eventually(
    async () => {
      differences = ledgerDifferences(expected, await ledgerOf(target, project));
    },
    () => differences.length === 0,
  ).catch(() => {
    const names = how.scenarios.map(index => scenarios[index]!.name);
    throw new Error(`${project} of ${names.join(', ')}:\n${differences.join('\n')}`);
  });
  expectedOf.set(project, { target, ledger: expected });
}

interface Sending {
  body: CapturedBody;
  collector: number;
}

/** The requests of a delivery, in parts between which there is a pause. */
function wavesOf(how: Delivery, { collectors }: Target): Sending[][] {
  const random = seeded(how.seed);
  const bodies = how.scenarios.flatMap(index => scenarios[index]!.bodies);
  const units = how.split ? bodies.flatMap(splitByItem) : bodies;
  const repeated = units.flatMap(unit => (random.next() < how.repeated ? [unit, unit] : [unit]));
  const ordered = how.shuffled ? shuffle(repeated, random) : repeated;
  const spread = Math.ceil(collectors.length * how.collectors);
  const size = Math.ceil(ordered.length / (how.pauses + 1));
  const sendings = ordered.map(body => ({ body, collector: random.integer(spread) }));
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
async function ledgerOf({ engine }: Target, project: string): Promise<Ledger> {
  const ledger = await readLedger(engine.clickhouse, project);
  const withoutId = (row: string) => row.replace(/^\('[0-9a-f]{32}',/, '(');
  return { ...ledger, scores: ledger.scores.map(withoutId), logs: ledger.logs.map(withoutId) };
}

/** As senders do: again, when the connection is refused or breaks. */
async function send(target: Target, to: number, project: string, body: CapturedBody): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const collector = await target.collectors[to]!;
    try {
      return await sendOnce(collector, project, body);
    } catch (error) {
      // What fetch throws when there is no answer.
      if (!(error instanceof TypeError) || attempt === 200) throw error;
      await sleep(50);
    }
  }
}

async function sendOnce(
  collector: Collector,
  project: string,
  { signal, encoding, body, file }: CapturedBody,
): Promise<void> {
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

async function allSettled({ folders }: Target): Promise<void> {
  await eventually(
    async () => folders.flatMap(walSegments),
    segments => segments.length === 0,
  );
}
