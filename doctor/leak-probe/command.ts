import { randomInt } from 'node:crypto';
import { startOwnDriftline } from './own-driftline.ts';
import { leakProbe, type ProbeResult } from './probe.ts';
import type { Target } from './senders.ts';

export interface LeakProbeCommand {
  values: number;
  /** A running Driftline, together with its data folder; default: one of our own. */
  url?: string | undefined;
  dataDir?: string | undefined;
  key?: string | undefined;
  report: (line: string) => void;
}

/** Runs the probe and tells what it found; resolves with whether nothing was, and everything could be looked at. */
export async function runLeakProbe({
  values,
  url,
  dataDir,
  key,
  report,
}: LeakProbeCommand): Promise<boolean> {
  const draw = (below: number) => randomInt(below);
  if (url !== undefined) {
    if (dataDir === undefined)
      throw new Error('--url needs --data-dir: its files are what is looked through');
    const target = await targetAt(url, key);
    return tell(await leakProbe({ target, dataDir, values, draw, report }), report);
  }
  report('starting a Driftline to look at');
  const own = await startOwnDriftline();
  const removeAndEnd = () => void own.remove().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, removeAndEnd);
  try {
    return tell(await leakProbe({ ...own, values, draw, report }), report);
  } finally {
    await own.remove();
  }
}

async function targetAt(url: string, key: string | undefined): Promise<Target> {
  const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  const response = await fetch(`${url}/api/v1/onboarding`, { headers });
  if (!response.ok)
    throw new Error(`${url} answers ${response.status}; is it a Driftline, and the key right?`);
  const { otlp_http, otlp_grpc } = (await response.json()) as { otlp_http: string; otlp_grpc: string };
  return { url, otlpHttp: otlp_http, otlpGrpc: otlp_grpc, key };
}

const shownLeaks = 50;

function tell(
  { planted, leaks, failed, logged, stored }: ProbeResult,
  report: (line: string) => void,
): boolean {
  for (const { kind, way, places } of leaks.slice(0, shownLeaks)) {
    report(`found: ${kind} sent as ${way}, in ${places.join(', ')}`);
  }
  for (const way of failed) report(`not answered as expected: ${way}`);
  report(`control: ${stored.seen} of ${stored.expected} harmless markers are in the tables`);
  report(`control: ${logged.seen} of ${logged.expected} requests were seen in the write-ahead log`);
  report(`${leaks.length} of ${planted} planted values found`);
  return leaks.length === 0 && failed.length === 0 && stored.seen === stored.expected;
}
