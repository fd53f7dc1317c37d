import type { MessagePort } from 'node:worker_threads';
import { type Seeded, seeded } from '../support/seeded.ts';
import { Coverage } from './coverage.ts';
import { maxInputBytes, mutate } from './mutate.ts';
import { type Target, targets } from './targets.ts';

export interface DecodersData {
  seed: number;
  seconds: number;
  /** Where the input that is being tried can be seen from outside: see `watched`. */
  shared: SharedArrayBuffer;
}

/** How much has been tried, by target. */
export interface DecodersReport {
  runs: Record<string, number>;
  /** Inputs that reached code, or an outcome, that none before had reached. */
  kept: number;
  outcomes: number;
  blocks: number;
}

export interface Finding {
  target: string;
  error: string;
  input: Uint8Array;
}

/** Int32: runs so far, index of the target, bytes of the input; then the input. */
const headBytes = 12;
export const sharedBytes = headBytes + maxInputBytes;

/** What a worker that hangs, or has died, was busy with. */
export function watched(shared: SharedArrayBuffer): { runs: number; target: number; input: Uint8Array } {
  const [runs = 0, target = 0, length = 0] = new Int32Array(shared, 0, 3);
  return { runs, target, input: new Uint8Array(shared, headBytes, length).slice() };
}

const batchSize = 512;
const maxCorpus = 2000;

/** One target with the inputs that proved worth changing further. */
class Campaign {
  readonly target: Target;
  readonly corpus: Buffer[];
  readonly outcomes = new Set<string>();
  runs = 0;
  private readonly seeds: number;

  constructor(target: Target) {
    this.target = target;
    this.corpus = [...target.seeds];
    this.seeds = target.seeds.length;
  }

  next(random: Seeded): Buffer {
    return mutate(random.pick(this.corpus), random.pick(this.corpus), random);
  }

  keep(input: Buffer, random: Seeded): void {
    if (this.corpus.length < maxCorpus) this.corpus.push(input);
    else this.corpus[this.seeds + random.integer(maxCorpus - this.seeds)] = input;
  }
}

/** Runs in a worker thread until the time is over, and then posts a report. */
export async function work({ seed, seconds, shared }: DecodersData, port: MessagePort): Promise<void> {
  const random = seeded(seed);
  const coverage = new Coverage();
  const { all, end } = targets();
  const head = new Int32Array(shared, 0, 3);
  const body = Buffer.from(shared, headBytes);
  const campaigns = all.map(target => new Campaign(target));
  let kept = 0;

  const attempt = async (campaign: Campaign, input: Buffer): Promise<boolean> => {
    head[1] = campaigns.indexOf(campaign);
    head[2] = input.copy(body);
    Atomics.add(head, 0, 1);
    campaign.runs++;
    try {
      const outcome = await campaign.target.run(input);
      if (campaign.outcomes.has(outcome)) return false;
      campaign.outcomes.add(outcome);
      return true;
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      port.postMessage({ target: campaign.target.name, error: text, input } satisfies Finding);
      return false;
    }
  };
  const keep = (campaign: Campaign, input: Buffer) => {
    campaign.keep(input, random);
    kept++;
  };

  for (const campaign of campaigns) for (const input of campaign.target.seeds) await attempt(campaign, input);
  coverage.take();
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const campaign = random.pick(campaigns);
    const batch: Buffer[] = [];
    for (let i = 0; i < batchSize; i++) {
      const input = campaign.next(random);
      batch.push(input);
      if (await attempt(campaign, input)) keep(campaign, input);
    }
    // New code is rare after the first seconds; who reached it is found by trying the batch again.
    if (coverage.take() > 0)
      for (const input of await whoReached(campaign, batch, coverage)) keep(campaign, input);
  }
  end();
  const report: DecodersReport = {
    runs: Object.fromEntries(campaigns.map(({ target, runs }) => [target.name, runs])),
    kept,
    outcomes: campaigns.reduce((sum, { outcomes }) => sum + outcomes.size, 0),
    blocks: coverage.seen.size,
  };
  port.postMessage({ report });
}

/** The inputs of a batch that reach what the batch has just reached for the first time: found by halves. */
async function whoReached(campaign: Campaign, batch: Buffer[], coverage: Coverage): Promise<Buffer[]> {
  if (batch.length === 1) return batch;
  coverage.forgetLast();
  const found: Buffer[] = [];
  const middle = batch.length >> 1;
  for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
    for (const input of half) await campaign.target.run(input).catch(() => {});
    if (coverage.take() > 0) found.push(...(await whoReached(campaign, half, coverage)));
  }
  return found;
}
