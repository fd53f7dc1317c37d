import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Driftline } from '../support/driftline.ts';
import { eventually } from '../support/driftline.ts';
import { walSegments } from '../support/ledger.ts';
import { seeded } from '../support/seeded.ts';
import { sendStubbornly } from '../support/stubborn-sender.ts';
import { crashTraffic, spanRowsOf, stoppable } from './traffic.ts';

export interface OutageOptions {
  driftline: Driftline;
  seed: number;
  seconds: number;
  spansPerSecond: number;
  /** Takes the store away, and gives it back. Told how often a sender was turned away so far. */
  takeAway: (turnedAway: () => number) => void | Promise<void>;
  giveBack: () => void | Promise<void>;
  /** Called about once a second of the outage. */
  meanwhile?: (second: number, ackedSpans: number) => Promise<void>;
  /** How long that may take before it is given up; some minutes when left out. */
  catchUpSeconds?: number;
}

export interface OutageOutcome {
  /** Every span that was acknowledged, as the ledger writes it. */
  acked: string[];
  requests: number;
  /** More than the requests when some were turned away. */
  tries: number;
  catchUpMs: number;
  /** Most memory the collector ever had; null where the system does not say. */
  collectorPeakMb: number | null;
}

const LANES = 4;
const SPANS_A_REQUEST = 20;

/** Sends at a steady pace, takes the store away meanwhile, and waits until everything is stored when it is back. */
export async function outageRun(options: OutageOptions): Promise<OutageOutcome> {
  const { driftline, seed, seconds, spansPerSecond } = options;
  const acked: string[] = [];
  let turnedAway = 0;
  const traffic = stoppable(crashTraffic(seed, Date.now()));
  const sending = sendStubbornly(traffic, {
    endpoint: () => driftline.otlpHttp,
    random: seeded(seed + 1),
    lanes: LANES,
    pauseMs: (1000 * LANES * SPANS_A_REQUEST) / spansPerSecond,
    onAcknowledged: body => acked.push(...spanRowsOf(body)),
    onTurnedAway: () => {
      turnedAway += 1;
    },
  });
  const outage = (async () => {
    await sleep(1_000);
    await options.takeAway(() => turnedAway);
    const until = performance.now() + seconds * 1000;
    for (let second = 1; performance.now() < until; second += 1) {
      await sleep(Math.max(0, Math.min(1_000, until - performance.now())));
      await options.meanwhile?.(second, acked.length);
    }
    // It may have been what was killed, and still be on its way back.
    const collectorPeakMb = await eventually(
      async () => peakMemoryMb(driftline.pid('collector')),
      () => true,
    );
    await options.giveBack();
    return collectorPeakMb;
  })().finally(() => traffic.stop());
  const [tries, collectorPeakMb] = await Promise.all([sending, outage]);
  const back = performance.now();
  await eventually(
    async () => walSegments(driftline.dataDir).length,
    segments => segments === 0,
    options.catchUpSeconds,
  );
  return { acked, requests: traffic.count, tries, catchUpMs: performance.now() - back, collectorPeakMb };
}

function peakMemoryMb(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line ? Math.round(Number(line[1]) / 1024) : null;
}
