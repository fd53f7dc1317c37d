import { ago, timeNear } from '../../clock.ts';
import type { Ingest, TokenAccounting } from '../../data/ingest.ts';
import { format } from '../../format.ts';
import type { Status } from '../../ui/status.tsx';

/** `3 items`, `1 item`. */
export const some = (count: number, one: string) => `${format.count(count)} ${one}${count === 1 ? '' : 's'}`;

const SIZES = [
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
] as const;

/** Of files and their limits, in the units in which limits are set and problems are told. */
export function size(bytes: number): string {
  const [unit, name] = SIZES.find(([least]) => bytes >= least) ?? [1, 'B'];
  return `${format.plain(bytes / unit)}\u00a0${name}`;
}

const MOMENT_MS = 30_000;

/** Whether requests wait for longer than a moment before anybody knows who sent them; the figures of senders are without them. */
export const isBehind = ({ unread_since: since }: Ingest['totals'], nowMs: number) =>
  since !== null && nowMs - Date.parse(since) >= MOMENT_MS;

/** Whether ingest is well, in one line. */
export function headline(
  { problems, check, totals }: Ingest,
  nowMs: number,
): { status: Status; title: string } {
  const [first, ...more] = problems;
  if (first) {
    const status = problems.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning';
    return { status, title: more.length === 0 ? first.title : `${problems.length} problems with ingest` };
  }
  if (check.missing > 0) {
    const title = `${some(check.missing, 'acknowledged item')} could not be found in the store`;
    return { status: 'critical', title };
  }
  if (totals.last_received_at === null && totals.received === 0)
    return { status: 'neutral', title: 'Nothing has been received' };
  if (check.verdict === 'ok' && !isBehind(totals, nowMs))
    return { status: 'good', title: 'What was acknowledged is stored' };
  if (check.verdict === 'waiting' || isBehind(totals, nowMs))
    return { status: 'neutral', title: 'Data is received; much of it is still on its way to the store' };
  return { status: 'neutral', title: 'Data is received' };
}

/** The running check that nothing acknowledged is missing, in a sentence. */
export function checkSentence(
  { verdict, checked, missing, checked_at }: Ingest['check'],
  nowMs: number,
  zone: string,
): string {
  const at = checked_at ? `, last at ${timeNear(Date.parse(checked_at), nowMs, zone)}` : '';
  const found = `${some(checked, 'acknowledged item')} looked for, ${format.full(missing)} missing${at}`;
  if (verdict === 'missing' || missing > 0) return `Acked is not stored: ${found}.`;
  if (verdict === 'ok') return `Acked = stored: ${found}.`;
  if (verdict === 'waiting')
    return `Acked = stored cannot be judged while so much is on its way; so far ${found}.`;
  return 'Acked = stored has not been checked yet.';
}

export const receivedSentence = (last: string | null, nowMs: number, zone: string) =>
  last === null
    ? 'No collector has received anything since it started.'
    : `Last received ${ago(Date.parse(last), nowMs, zone)}.`;

const dialects: Record<string, string> = {
  gen_ai: 'GenAI conventions',
  openinference: 'OpenInference',
  vercel_ai: 'Vercel AI SDK',
  vercel_ai_7: 'Vercel AI SDK 7',
  traceloop: 'OpenLLMetry',
  openlit: 'OpenLIT',
  langfuse: 'Langfuse',
  native: 'Anthropic SDK',
};

/** The dialect as its makers call it; empty for senders of plain telemetry. */
export const dialectLabel = (dialect: string) => dialects[dialect] ?? dialect;

/** `name version`, whichever are known. */
export const versioned = (name: string, version: string) => [name, version].filter(Boolean).join(' ');

export const ruleLabels: Record<TokenAccounting['rule'], string> = {
  includes_cache: 'Input includes cache',
  cache_added: 'Cache added to input',
  mixed: 'Both ways',
  no_cache_seen: 'No cache used',
};

/** A name of the code as words: `invalid_trace_id` is `invalid trace id`. */
export const asWords = (name: string) => name.replaceAll('_', ' ');

/** JSON laid out to be read; what is none stays as it is. */
export function readable(sample: string): string {
  try {
    return JSON.stringify(JSON.parse(sample), null, 2);
  } catch {
    return sample;
  }
}
