import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { type Ledger, ledgerDifferences, settledLedger } from '../support/ledger.ts';
import { seeded } from '../support/seeded.ts';
import { sendStubbornly } from '../support/stubborn-sender.ts';
import { type Kill, planKills, type Victim } from './kill-plan.ts';
import { crashTraffic, first, spanRowsOf, stoppable } from './traffic.ts';

export interface CrashRunOptions {
  seed: number;
  kills: number;
  /** Senders that each repeat a request until it is acknowledged. */
  senders: number;
  pauseMs: number;
  /** Traffic goes on after the last kill until so many spans are acknowledged, however slow the machine; none when left out. */
  spansAtLeast?: number;
  report: (line: string) => void;
}

export interface CrashOutcome {
  kills: Partial<Record<Victim, number>>;
  requests: number;
  /** More than the requests, since some had to be repeated. */
  tries: number;
  ackedSpans: number;
  /** Acknowledged spans that are not in the store, and rows that are there twice. */
  lost: string[];
  doubled: string[];
  /** How the ledger differs from that of an undisturbed run of the same requests. */
  differences: string[];
  /** What the API makes of both: equal when the roll-ups are right too. */
  totals: { undisturbed: string[]; crashed: string[] };
}

const POINT_WAIT_SECONDS = 20;

/** Kills parts of a Driftline under load, as `planKills` says, and compares it with one that nobody disturbed. */
export async function crashRun(options: CrashRunOptions): Promise<CrashOutcome> {
  const { seed, report } = options;
  const nowMs = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'driftline-crash-'));
  const crashFile = join(folder, 'crash-at');
  const crashed = await startDriftline({ DRIFTLINE_TEST_CRASH_FILE: crashFile, DRIFTLINE_LOG_LEVEL: 'warn' });
  let undisturbed: Driftline | undefined;
  try {
    const traffic = stoppable(crashTraffic(seed, nowMs));
    const acked: string[] = [];
    const sending = sendStubbornly(traffic, {
      endpoint: () => crashed.otlpHttp,
      random: seeded(seed + 1),
      lanes: options.senders,
      pauseMs: options.pauseMs,
      onAcknowledged: body => acked.push(...spanRowsOf(body)),
    });
    const kills: CrashOutcome['kills'] = {};
    const killing = (async () => {
      for (const [index, kill] of planKills(seeded(seed + 2), options.kills).entries()) {
        await sleep(kill.afterMs);
        const killed = await perform(kill, crashed, crashFile);
        kills[killed] = (kills[killed] ?? 0) + 1;
        if ((index + 1) % 10 === 0) report(`${index + 1} kills, ${acked.length} spans acknowledged`);
      }
      await eventually(
        async () => new Set(acked).size,
        spans => spans >= (options.spansAtLeast ?? 0),
      );
    })().finally(() => traffic.stop());
    const [tries] = await Promise.all([sending, killing]);
    // The last traces are acknowledged but not settled yet.
    await perform({ victim: 'everything', afterMs: 0, times: 1 }, crashed, crashFile);
    kills.everything = (kills.everything ?? 0) + 1;

    report('waiting for what is left to be settled');
    const seen = await settledLedger(crashed);
    const totalsSeen = await totals(crashed);
    report(`sending the same ${traffic.count} requests to one that is left alone`);
    undisturbed = await startDriftline({ DRIFTLINE_LOG_LEVEL: 'warn' });
    const endpoint = undisturbed.otlpHttp;
    await sendStubbornly(first(crashTraffic(seed, nowMs), traffic.count), {
      endpoint: () => endpoint,
      random: seeded(seed + 3),
      lanes: 4,
      pauseMs: 0,
    });
    const expected = await settledLedger(undisturbed);
    return {
      kills,
      requests: traffic.count,
      tries,
      ackedSpans: new Set(acked).size,
      ...lostAndDoubled(acked, seen),
      differences: ledgerDifferences(expected, seen),
      totals: { undisturbed: await totals(undisturbed), crashed: totalsSeen },
    };
  } finally {
    await crashed.stop();
    await undisturbed?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves to what was killed when it is dead: a point that is not reached in time becomes a plain kill. */
async function perform({ victim, times }: Kill, driftline: Driftline, crashFile: string): Promise<Victim> {
  if (victim === 'everything') {
    await driftline.killAll();
    await driftline.restart();
    return victim;
  }
  const [room, point] = victim.split(' at ');
  if (point === undefined) {
    for (const name of victim.split(' and ')) await killRoom(driftline, name as 'engine');
    return victim;
  }
  // It may still be on its way back from the last kill.
  const pid = await eventually(
    async () => driftline.pid('collector'),
    () => true,
  );
  writeFileSync(crashFile, `${point} ${times}`);
  for (let tries = 0; tries < POINT_WAIT_SECONDS * 20; tries += 1) {
    if (!isAlive(pid)) return victim;
    await sleep(50);
  }
  rmSync(crashFile, { force: true });
  await killRoom(driftline, room as 'collector');
  return 'collector';
}

async function killRoom(driftline: Driftline, room: 'engine' | 'collector' | 'api'): Promise<void> {
  await eventually(
    async () => driftline.kill(room),
    () => true,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function lostAndDoubled(acked: readonly string[], { spans }: Ledger) {
  const stored = new Set(spans);
  return {
    lost: [...new Set(acked)].filter(span => !stored.has(span)),
    doubled: spans.filter((span, index) => span === spans[index - 1]),
  };
}

async function totals(driftline: Driftline): Promise<string[]> {
  const measures =
    'calls,failed_calls,attempts,input_tokens,cache_read_tokens,output_tokens,cost_usd,tool_calls';
  const ask = () =>
    driftline.get<{ rows: Record<string, unknown>[] }>(
      `/api/v1/measures?measures=${measures}&group_by=feature,model&from=now-90d`,
    );
  // The API may be on its way back.
  const { rows } = await eventually(ask, () => true);
  return rows.map(row => JSON.stringify(row)).sort();
}
