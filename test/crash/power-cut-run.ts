import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import type { Channel } from '#contract/channel.ts';
import { brokenParts } from '#store/queries/broken-parts.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { withEngine } from '../support/engine-rows.ts';
import { ledgerDifferences, settledLedger } from '../support/ledger.ts';
import { createImage, type LoopDisk, mountImage, mountProblem } from '../support/loop-disk.ts';
import { seeded } from '../support/seeded.ts';
import { sendStubbornly } from '../support/stubborn-sender.ts';
import { crashTraffic, first, spanRowsOf, stoppable } from './traffic.ts';

export interface PowerCutOptions {
  seed: number;
  cuts: number;
  /** Each cut waits until so many more spans are acknowledged, however slow the machine; for none when left out. */
  spansAtLeast?: number;
  /** Whether to send the same to one that nobody disturbs, and compare the ledgers. */
  compare: boolean;
  report: (line: string) => void;
}

export interface PowerCutOutcome {
  cuts: number;
  requests: number;
  ackedSpans: number;
  /** Spans acknowledged before a cut and not in the store after it, and those that were there twice. */
  lost: string[];
  doubled: string[];
  /** Channels that the API had taken before a cut and that were gone after it. */
  lostState: string[];
  /** What SQLite finds wrong with the state database, by cut. */
  brokenState: string[];
  /** Parts that the engine could not read after a cut and set aside; what was acknowledged must be elsewhere too. */
  brokenParts: number;
  /** How the ledger differs, at the end, from that of an undisturbed run of the same requests; null when not compared. */
  differences: string[] | null;
}

/** Sparse: the engine wants 1 GiB free before it inserts. */
const DISK_BYTES = 4 * 2 ** 30;
const SENDERS = 4;
const ENVIRONMENT = { DRIFTLINE_LOG_LEVEL: 'warn', DRIFTLINE_CHECK_SECONDS: '1' };

/**
 * Runs Driftline on a disk image under load and, again and again, stops everything at once, goes on with a copy of what the
 * disk holds at that moment, and looks whether all that was acknowledged before is there. Throws `mountProblem` as an error.
 */
export async function powerCutRun({
  seed,
  cuts,
  spansAtLeast = 0,
  compare,
  report,
}: PowerCutOptions): Promise<PowerCutOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-power-cut-'));
  const problem = mountProblem(folder);
  if (problem !== null) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(problem);
  }
  const nowMs = Date.now();
  const random = seeded(seed + 2);
  const image = (cut: number) => join(folder, `disk-${cut}.img`);
  createImage(image(0), DISK_BYTES);
  let disk = mountImage(image(0), join(folder, 'disk'));
  let driftline = await startOn(disk);
  let undisturbed: Driftline | undefined;
  const traffic = stoppable(crashTraffic(seed, nowMs));
  try {
    const acked: string[] = [];
    const channels: string[] = [];
    const sending = sendStubbornly(traffic, {
      endpoint: () => driftline.otlpHttp,
      random: seeded(seed + 1),
      lanes: SENDERS,
      pauseMs: 50,
      onAcknowledged: body => acked.push(...spanRowsOf(body)),
    });
    const cutting = async () => {
      const found: Pick<PowerCutOutcome, 'lost' | 'doubled' | 'lostState' | 'brokenState'> = {
        lost: [],
        doubled: [],
        lostState: [],
        brokenState: [],
      };
      for (let cut = 1; cut <= cuts; cut += 1) {
        await sleep(random.between(300, 4_000));
        const url = `http://127.0.0.1:9/cut-${cut}`;
        await driftline.post('/api/v1/channels', { url });
        channels.push(url);
        await sleep(random.between(0, 500));
        await eventually(
          async () => new Set(acked).size,
          spans => spans >= cut * spansAtLeast,
        );
        await driftline.freezeAll();
        // Acknowledgements sent before are still to be read.
        await sleep(50);
        const ackedBefore = acked.length;
        await disk.copyAsCut(image(cut));
        await driftline.killAll();
        disk.unmount();
        rmSync(disk.image);
        disk = mountImage(image(cut), disk.folder);
        const state = checkState(join(disk.folder, 'data'));
        found.brokenState.push(...state.map(problem => `cut ${cut}: ${problem}`));
        driftline = await startOn(disk);
        const { lost, doubled } = await missingSpans(driftline, acked.slice(0, ackedBefore));
        found.lost.push(...lost);
        found.doubled.push(...doubled);
        const kept = (await driftline.get<{ channels: Channel[] }>('/api/v1/channels')).channels.map(
          c => c.settings.url,
        );
        found.lostState.push(...channels.filter(channel => !kept.includes(channel)));
        report(`cut ${cut}: ${ackedBefore} spans acknowledged before, ${found.lost.length} lost so far`);
      }
      return found;
    };
    const [, found] = await Promise.all([sending, cutting().finally(() => traffic.stop())]);
    const ackedSpans = new Set(acked).size;
    const broken = await withEngine(driftline, clickhouse =>
      brokenParts(clickhouse, { signal: AbortSignal.timeout(120_000) }),
    );
    const outcome = { cuts, requests: traffic.count, ackedSpans, ...found, brokenParts: broken.length };
    if (!compare) return { ...outcome, differences: null };
    report('comparing with an undisturbed run');
    const seen = await settledLedger(driftline);
    undisturbed = await startDriftline({ DRIFTLINE_LOG_LEVEL: 'warn' });
    const endpoint = undisturbed.otlpHttp;
    await sendStubbornly(first(crashTraffic(seed, nowMs), traffic.count), {
      endpoint: () => endpoint,
      random: seeded(seed + 3),
      lanes: SENDERS,
      pauseMs: 0,
    });
    const differences = ledgerDifferences(await settledLedger(undisturbed), seen);
    return { ...outcome, differences };
  } finally {
    traffic.stop();
    await undisturbed?.stop();
    await driftline.killAll();
    disk.unmount();
    rmSync(folder, { recursive: true, force: true });
  }
}

const startOn = (disk: LoopDisk) => startDriftline(ENVIRONMENT, join(disk.folder, 'data'));

/** Waits for what the write-ahead log brings back; what is missing then is lost. */
async function missingSpans(driftline: Driftline, acked: readonly string[]) {
  const stored = async () => {
    const rows = await withEngine(driftline, clickhouse =>
      clickhouse.query<{ row: string }>(
        'SELECT toString(tuple(trace_id, span_id)) AS row FROM spans FINAL ORDER BY row',
      ),
    );
    return rows.map(({ row }) => row);
  };
  const missing = (rows: readonly string[]) => {
    const there = new Set(rows);
    return acked.filter(span => !there.has(span));
  };
  const rows = await eventually(stored, answer => missing(answer).length === 0).catch(stored);
  return { lost: missing(rows), doubled: rows.filter((row, index) => row === rows[index - 1]) };
}

/** Looks at a copy, since the database file would stay open until it is collected, and the disk could not be unmounted. */
function checkState(dataDir: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-state-'));
  for (const name of ['state.db', 'state.db-wal']) {
    if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(folder, name));
  }
  const database = new Database(join(folder, 'state.db'));
  try {
    const rows = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    return rows.map(row => row.integrity_check).filter(text => text !== 'ok');
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}
