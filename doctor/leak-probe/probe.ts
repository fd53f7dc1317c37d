import { setTimeout as sleep } from 'node:timers/promises';
import type { Draw } from '#store/redact/made-up.ts';
import { Needles } from './needles.ts';
import { planOf, type Sending } from './plan.ts';
import { type Planted, plantedValues, spellings } from './planted.ts';
import { otherDoors, otlpTransports, type Target } from './senders.ts';
import { engineOf, filesBelow, type Stored, tablesOf } from './storage.ts';

export interface ProbeOptions {
  target: Target;
  dataDir: string;
  values: number;
  draw: Draw;
  report: (line: string) => void;
  /** What the program wrote to standard error. */
  standardError?: () => string;
  /** Stops it, so that what is written on the way out is looked through as well. */
  stop?: () => Promise<void>;
}

export interface Leak {
  kind: string;
  way: string;
  /** Files and tables. */
  places: string[];
}

export interface ProbeResult {
  planted: number;
  leaks: Leak[];
  /** Ways whose requests were not dealt with as they should be. */
  failed: string[];
  /** Requests seen in the write-ahead log while they were there, of those that go through it. */
  logged: { seen: number; expected: number };
  /** Values whose markers are in a table, of those that must be: the control that they would have been found. */
  stored: { seen: number; expected: number };
}

const atOnce = 8;
const storedWithinMs = 120_000;
/** Until traces are settled and refusals stored. */
const settleMs = 4_000;

/**
 * Plants values of every kind in every place a sender can write to, and looks for them in all that is on disk: in the
 * write-ahead log while they pass through it, in every table as the engine reads it, and in the bytes of every file.
 */
export async function leakProbe(options: ProbeOptions): Promise<ProbeResult> {
  const { target, dataDir, report } = options;
  const planted = plantedValues(options.values, options.draw);
  const { transports, close } = otlpTransports(target);
  const plan = planOf(planted, transports, otherDoors(target));
  const search = new Search(plan);
  try {
    report(`planting ${planted.length} values in ${plan.length} requests`);
    const failed = await sendAll(plan, search, options);
    report('waiting until everything is stored');
    await untilStored(target);
    await sleep(settleMs);
    for (const table of await tablesOf(engineOf(dataDir))) await search.look(table, 'tables');
    for (const file of filesBelow(dataDir)) await search.look(file, 'files');
    await options.stop?.();
    for (const file of filesBelow(dataDir)) await search.look(file, 'files');
    const text = options.standardError?.();
    if (text)
      await search.look(
        {
          name: 'standard error',
          read: async function* () {
            yield Buffer.from(text);
          },
        },
        'files',
      );
    report(`looked through ${search.places} files and tables, ${Math.round(search.bytes / 1_048_576)} MiB`);
    return search.result(planted.length, failed);
  } finally {
    close();
  }
}

async function sendAll(
  plan: Sending[],
  search: Search,
  { dataDir, report }: ProbeOptions,
): Promise<string[]> {
  const failed = new Set<string>();
  let sent = 0;
  let told = 0;
  for (let at = 0; at < plan.length; at += atOnce) {
    const batch = plan.slice(at, at + atOnce);
    await Promise.all(
      batch.map(async sending => {
        const isFine = await sending.send().catch(() => false);
        if (!isFine) failed.add(sending.way);
      }),
    );
    // At once: a segment of the log is deleted as soon as its rows are stored.
    const log = filesBelow(`${dataDir}/wal`).concat(filesBelow(`${dataDir}/forward`));
    for (const file of log) await search.look({ ...file, name: `write-ahead log ${file.name}` }, 'log');
    sent += batch.reduce((sum, { planted }) => sum + planted.length, 0);
    if (sent - told >= 1000) {
      told = sent;
      report(`  ${sent} sent`);
    }
  }
  return [...failed];
}

interface IngestCounts {
  ingest: { acked: number; stored: number; waiting: number };
}

async function untilStored({ url, key }: Target): Promise<void> {
  const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  const until = Date.now() + storedWithinMs;
  for (let quiet = 0; quiet < 3; ) {
    if (Date.now() > until) throw new Error('what was sent is not stored within two minutes');
    const response = await fetch(`${url}/api/v1/health`, { headers });
    const { ingest } = (await response.json()) as IngestCounts;
    quiet = ingest.waiting === 0 && ingest.acked > 0 ? quiet + 1 : 0;
    await sleep(700);
  }
}

type Kind = 'log' | 'tables' | 'files';

/** What was found where, of secrets that must not be there and of markers that must. */
class Search {
  bytes = 0;
  places = 0;
  private readonly needles: Needles;
  private readonly owner = new Map<string, { sending: Sending; planted: Planted; isMarker: boolean }>();
  private readonly leaks = new Map<Planted, Set<string>>();
  private readonly markers: Record<Kind, Set<string>> = {
    log: new Set(),
    tables: new Set(),
    files: new Set(),
  };
  private readonly plan: Sending[];

  constructor(plan: Sending[]) {
    this.plan = plan;
    for (const sending of plan) {
      for (const planted of sending.planted) {
        this.owner.set(planted.marker, { sending, planted, isMarker: true });
        for (const text of spellings(planted.secret)) {
          this.owner.set(text, { sending, planted, isMarker: false });
        }
      }
    }
    this.needles = new Needles(this.owner.keys());
  }

  async look(stored: Stored, kind: Kind): Promise<void> {
    this.places += 1;
    for (const text of await this.needles.search(this.counted(stored))) {
      const { planted, isMarker } = this.owner.get(text)!;
      if (isMarker) this.markers[kind].add(text);
      else this.leaks.set(planted, (this.leaks.get(planted) ?? new Set()).add(stored.name));
    }
  }

  private async *counted(stored: Stored): AsyncGenerator<Uint8Array> {
    for await (const piece of stored.read()) {
      this.bytes += piece.length;
      yield piece;
    }
  }

  result(planted: number, failed: string[]): ProbeResult {
    const ways = new Map(this.plan.flatMap(({ way, planted: all }) => all.map(one => [one, way] as const)));
    const leaks = [...this.leaks].map(([one, places]) => ({
      kind: one.kind,
      way: ways.get(one)!,
      places: [...places],
    }));
    const logged = this.plan.filter(({ isLogged }) => isLogged);
    const stored = this.plan.filter(({ isStored }) => isStored).flatMap(sending => sending.planted);
    const seenInLog = ({ planted: all }: Sending) => all.every(({ marker }) => this.markers.log.has(marker));
    return {
      planted,
      leaks,
      failed,
      logged: { seen: logged.filter(seenInLog).length, expected: logged.length },
      stored: {
        seen: stored.filter(({ marker }) => this.markers.tables.has(marker)).length,
        expected: stored.length,
      },
    };
  }
}
