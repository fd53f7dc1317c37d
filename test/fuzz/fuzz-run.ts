import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Driftline, startDriftline } from '../support/driftline.ts';
import { keepInput, keepNetworkInput, keptInputs, keptNetworkInputs } from './corpus.ts';
import { type DecodersData, type DecodersReport, type Finding, sharedBytes, watched } from './decoders.ts';
import type { FuzzReport } from './fuzz-report.ts';
import type { GoodSenderData, GoodSenderReport } from './good-sender.ts';
import { fuzzNetwork, tryOne } from './network.ts';
import { targets } from './targets.ts';

export interface FuzzOptions {
  seconds: number;
  seed: number;
}

const lanes = 6;
const warmUpSeconds = 4;
/** An input that keeps a decoder busy for so long is a finding; less may be a machine with other things to do. */
const hangMs = 60_000;
/** Different inputs that fail alike are one finding. */
const maxFindings = 20;

/**
 * Hostile input for `seconds`: the decoders in a thread of this process, guided by what code it reaches, and a whole running
 * Driftline over the network, while a good sender measures how it is served.
 */
export async function fuzzRun({ seconds, seed }: FuzzOptions): Promise<FuzzReport> {
  const findings = new Map<string, FuzzReport['findings'][number]>();
  const note = (where: string, error: string, keep: () => string) => {
    const shape = `${where} ${error.replace(/[0-9a-f]{8}|\d+/g, '#').slice(0, 300)}`;
    if (!findings.has(shape) && findings.size < maxFindings)
      findings.set(shape, { where, error, file: keep() });
  };
  const driftline = await startDriftline({ DRIFTLINE_LOG_LEVEL: 'error' });
  try {
    const replayed = await replay(driftline, note);
    await runGoodSender(await loadGoodSender(driftline, warmUpSeconds));
    const sending = await loadGoodSender(driftline, seconds);
    // From here on this thread and those it starts give way to Driftline and to the good sender, which measures it.
    setPriority(constants.priority.PRIORITY_LOW);
    const shared = new SharedArrayBuffer(sharedBytes);
    const decoding = await loadDecoders({ seed, seconds, shared });
    const memory = watchMemory(driftline.pid('collector'));
    const until = performance.now() + seconds * 1000;
    const [decoders, good, network] = await Promise.all([
      runDecoders(decoding, shared, note),
      runGoodSender(sending),
      fuzzNetwork(driftline, { seed, until, lanes }, (input, error) =>
        note(input.kind, error, () => keepNetworkInput(input)),
      ),
    ]);
    return {
      seconds,
      replayed,
      findings: [...findings.values()],
      decoders,
      network,
      good,
      collector: await memory.stop(),
    };
  } finally {
    await driftline.stop();
  }
}

type Note = (where: string, error: string, keep: () => string) => void;

/** Everything that ever did harm, again. */
async function replay(driftline: Driftline, note: Note): Promise<number> {
  let replayed = 0;
  const { all, end } = targets();
  for (const target of all) {
    for (const input of keptInputs(target.name)) {
      replayed++;
      await target
        .run(input)
        .catch(error => note(target.name, String(error), () => keepInput(target.name, input)));
    }
  }
  end();
  for (const input of keptNetworkInputs()) {
    replayed++;
    const problem = await tryOne(input, driftline);
    if (problem) note(input.kind, problem, () => keepNetworkInput(input));
  }
  return replayed;
}

/** Resolves when it has loaded; it begins with any message. */
async function loadWorker(file: string, data: object): Promise<Worker> {
  const worker = new Worker(new URL('worker.js', import.meta.url), {
    workerData: { file, ...data },
    // One input must not need more than this; in the collector it would be others' memory.
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  await once(worker, 'message');
  return worker;
}

function loadDecoders(data: DecodersData): Promise<Worker> {
  return loadWorker('decoders.ts', data);
}

function loadGoodSender({ otlpHttp }: Driftline, seconds: number): Promise<Worker> {
  const data: GoodSenderData = { otlpHttp, seconds, everyMs: 20 };
  return loadWorker('good-sender.ts', data);
}

/** The worker's report; null when it hung or died, which is noted with the input it was busy with. */
async function runDecoders(
  worker: Worker,
  shared: SharedArrayBuffer,
  note: Note,
): Promise<DecodersReport | null> {
  const names = targetNames();
  const noteLast = (error: string) => {
    const { target, input } = watched(shared);
    const name = names[target] ?? '';
    note(name, error, () => keepInput(name, input));
  };
  let last = -1;
  const watch = setInterval(() => {
    const { runs } = watched(shared);
    if (runs > 0 && runs === last) {
      noteLast(`no end within ${hangMs} ms`);
      void worker.terminate();
    }
    last = runs;
  }, hangMs);
  try {
    return await new Promise<DecodersReport | null>(resolve => {
      worker.on('message', (message: Finding | { report: DecodersReport }) => {
        if ('report' in message) resolve(message.report);
        else note(message.target, message.error, () => keepInput(message.target, message.input));
      });
      worker.on('error', error => {
        noteLast(`the thread ended: ${error.message}`);
        resolve(null);
      });
      worker.on('exit', () => resolve(null));
      worker.postMessage('go');
    });
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

function targetNames(): string[] {
  const { all, end } = targets();
  end();
  return all.map(({ name }) => name);
}

async function runGoodSender(worker: Worker): Promise<GoodSenderReport | null> {
  try {
    return await new Promise<GoodSenderReport | null>((resolve, reject) => {
      worker.on('message', ({ report }: { report: GoodSenderReport }) => resolve(report));
      worker.on('error', reject);
      worker.on('exit', () => resolve(null));
      worker.postMessage('go');
    });
  } finally {
    await worker.terminate();
  }
}

const mebibyte = 1024;
/** Growth that is the ordinary slack of a runtime. */
const settledMb = 100;

/** Follows the resident memory of a process, in the kernel's KiB, until it is stopped or the process is gone. */
function watchMemory(pid: number) {
  const residentKb = () => {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
    } catch {
      return Number.NaN;
    }
  };
  const first = residentKb();
  let most = first;
  const timer = setInterval(() => {
    most = Math.max(most, residentKb());
  }, 500);
  return {
    async stop(): Promise<FuzzReport['collector']> {
      // What came last is stored and let go first; on a busy machine that takes its time.
      for (
        let waits = 0;
        waits < 20 && (waits === 0 || residentKb() - first > settledMb * mebibyte);
        waits++
      ) {
        await sleep(3000);
      }
      clearInterval(timer);
      const last = residentKb();
      return {
        survived: Number.isFinite(last),
        growthMb: Math.round((last - first) / mebibyte),
        mostGrowthMb: Math.round((most - first) / mebibyte),
      };
    },
  };
}
