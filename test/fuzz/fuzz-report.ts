import type { DecodersReport } from './decoders.ts';
import type { GoodSenderReport } from './good-sender.ts';
import type { NetworkReport } from './network.ts';

export interface FuzzReport {
  seconds: number;
  /** Inputs of earlier failures that were tried again. */
  replayed: number;
  /** What went wrong, with the file its input was written to. */
  findings: { where: string; error: string; file: string }[];
  decoders: DecodersReport | null;
  network: NetworkReport;
  good: GoodSenderReport | null;
  collector: {
    /** False when it ended, or was ended, on the way. */
    survived: boolean;
    /** Of its resident memory, from after the warm-up: at the end, and at the most. */
    growthMb: number;
    mostGrowthMb: number;
  };
}

const maxGrowthMb = 300;
const maxGoodP99Ms = 200;

/** What must be mended; nothing when the run was good. */
export function problemsOf({ findings, decoders, good, collector }: FuzzReport): string[] {
  const problems = findings.map(({ where, error, file }) => `${where}: ${error}\n  input: ${file}`);
  if (!collector.survived) problems.push('the collector did not survive');
  if (!decoders) problems.push('the decoders did not report');
  if (collector.growthMb >= maxGrowthMb) problems.push(`the collector grew by ${collector.growthMb} MB`);
  if (!good || good.acked < good.sent)
    problems.push(
      `the good sender: ${good?.acked} of ${good?.sent} acknowledged, ${JSON.stringify(good?.failures)}`,
    );
  else if (good.p99Ms >= maxGoodP99Ms) problems.push(`the good sender's p99 was ${good.p99Ms.toFixed(0)} ms`);
  return problems;
}

/** The figures, a line each. */
export function summary({
  seconds,
  replayed,
  findings,
  decoders,
  network,
  good,
  collector,
}: FuzzReport): string[] {
  const runs = Object.entries(decoders?.runs ?? {});
  const total = runs.reduce((sum, [, count]) => sum + count, 0);
  const statuses = Object.entries(network.statuses).map(([status, count]) => `${status}: ${count}`);
  return [
    `${seconds} s, ${replayed} inputs of before tried again, ${findings.length} findings`,
    `in process: ${total} inputs (${runs.map(([name, count]) => `${name} ${count}`).join(', ')})`,
    `  ${decoders?.blocks} blocks of code and ${decoders?.outcomes} outcomes reached, ${decoders?.kept} inputs kept`,
    `over the network: ${network.runs} requests, ${network.outcomes} outcomes (${statuses.join(', ')}; 0 = closed)`,
    `good sender: ${good?.acked} of ${good?.sent} acknowledged, p50 ${good?.p50Ms.toFixed(1)} ms, p99 ${good?.p99Ms.toFixed(1)} ms, longest ${good?.longestMs.toFixed(0)} ms; failed tries ${JSON.stringify(good?.failures)}`,
    `collector: ${collector.survived ? 'same process' : 'DIED'}, grew by ${collector.growthMb} MB (at most ${collector.mostGrowthMb} MB)`,
  ];
}
