import { z } from 'zod';
import type { OutgoingEvent } from './channel.ts';

/** What an event means to somebody who is told of an incident. `note`: something was said about it. */
export type Phase = 'firing' | 'updated' | 'acknowledged' | 'resolved' | 'note' | 'test';
type Severity = 'critical' | 'error' | 'warning' | 'info';

/** An event in the words that every channel writes, each in its own form. All of it is plain text. */
export interface Notice {
  id: string;
  /** `incident.firing`, `budget.threshold`, … */
  type: string;
  phase: Phase;
  severity: Severity;
  /** What it is about: the id of an incident, an alert, a budget. */
  subject: string;
  /** The same for all news of one incident; at most 255 characters. */
  key: string;
  /** What and how much, without the state. */
  title: string;
  /** The title with its state in front, as the first line of a message. */
  headline: string;
  /** Since when, who, where: in the order in which people ask. */
  facts: readonly { label: string; value: string }[];
  /** A sentence more, such as who acknowledged; empty for none. */
  detail: string;
  links: readonly { label: string; url: string }[];
  /** When it happened, ISO 8601. */
  at: string;
  feature: string;
  environment: string;
  metric: string;
}

const text = z.string().catch('');
const time = z.string().nullish().catch(null);
const number = z.number().nullish().catch(null);
/** Read loosely: a message is sent even when some of it is not as expected. */
const envelope = z.object({ type: text, timestamp: text, data: z.unknown().optional() });
const eventData = z.object({
  id: text,
  dedup_key: text,
  title: text,
  severity: text,
  feature: text,
  model: text,
  environment: text,
  metric: text,
  since: time,
  changed_at: time,
  changed_between: z.object({ from: z.string(), to: z.string() }).nullish().catch(null),
  resolved_at: time,
  certainty: text,
  chance_of_noise: number,
  segment: text,
  changes: z.array(z.string()).catch([]),
  requests: number,
  also: z.array(z.string()).catch([]),
  retracted: z.boolean().catch(false),
  detail: text,
  url: text,
  traces_url: text,
});
type Data = z.output<typeof eventData>;

/** Reads the body of an event. Never throws: what cannot be read is left out. */
export function readNotice({ id, body }: OutgoingEvent): Notice {
  const { type, timestamp, data: given } = envelope.parse(jsonOf(body));
  const data = eventData.parse(given && typeof given === 'object' ? given : {});
  const phase = phaseOf(type);
  const title = oneLine(data.title) || 'Something changed';
  return {
    id,
    type,
    phase,
    severity: severityOf(type, data),
    subject: data.id,
    key: (data.dedup_key || data.id || id).slice(0, 255),
    title,
    headline: data.retracted ? `Retracted: ${title}` : headlineOf(phase, title),
    facts: factsOf(data, phase),
    detail: data.detail,
    links: linksOf(data),
    at: timestamp,
    feature: data.feature,
    environment: data.environment,
    metric: data.metric,
  };
}

function jsonOf(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function phaseOf(type: string): Phase {
  if (type === 'test') return 'test';
  const last = type.slice(type.lastIndexOf('.') + 1);
  if (last === 'firing' || last === 'threshold' || last === 'undelivered') return 'firing';
  // Nothing has changed state: it is news, and pages nobody.
  if (last === 'weekly') return 'note';
  if (last === 'resolved' || last === 'acknowledged' || last === 'note') return last;
  return 'updated';
}

const severities: readonly string[] = ['critical', 'error', 'warning', 'info'];

function severityOf(type: string, { severity }: Data): Severity {
  if (severity && severities.includes(severity)) return severity as Severity;
  if (type === 'test') return 'info';
  return type.startsWith('incident.') ? 'error' : 'warning';
}

function headlineOf(phase: Phase, title: string): string {
  if (phase === 'resolved') return `Resolved: ${title}`;
  if (phase === 'acknowledged') return `Acknowledged: ${title}`;
  if (phase === 'updated') return `Update: ${title}`;
  return title;
}

/** What and how much is in the title; then since when, where, how sure. */
function factsOf(data: Data, phase: Phase): Notice['facts'] {
  const facts: { label: string; value: string }[] = [];
  const add = (label: string, value: string | null | undefined) => {
    if (value) facts.push({ label, value: oneLine(value) });
  };
  const since = data.changed_at ?? data.since ?? null;
  add('Since', since && clockTime(since) + betweenWords(data.changed_between));
  if (phase === 'resolved') add('Ended', data.resolved_at && clockTime(data.resolved_at));
  const where = [data.environment, data.model].filter(Boolean).join(', ');
  add('Where', where);
  if (data.requests != null) add('Requests', data.requests.toLocaleString('en-US'));
  add('Segment', data.segment);
  add('Near that time', data.changes.slice(0, 3).join('; '));
  add('How sure', surenessOf(data));
  add('Also', data.also.slice(0, 5).join('; '));
  return facts;
}

function surenessOf({ certainty, chance_of_noise: chance }: Data): string | null {
  if (!certainty) return null;
  const words = certainty[0]!.toUpperCase() + certainty.slice(1);
  if (chance == null || chance >= 1) return words;
  const percent = 100 * chance;
  return `${words} (${percent < 0.1 ? '< 0.1' : Number(percent.toPrecision(2))} % chance of noise)`;
}

function linksOf({ url, traces_url }: Data): Notice['links'] {
  const links = [
    { label: 'Explain', url },
    { label: 'Traces', url: traces_url },
  ];
  return links.filter(link => /^https?:\/\//.test(link.url));
}

/** ` (between 13:45 and 14:15)`: beside a time, which has the date. */
function betweenWords(between: Data['changed_between']): string {
  const [fromMs, toMs] = [Date.parse(between?.from ?? ''), Date.parse(between?.to ?? '')];
  if (Number.isNaN(fromMs) || Number.isNaN(toMs)) return '';
  const sameDay = new Date(fromMs).getUTCDate() === new Date(toMs).getUTCDate() && toMs - fromMs < 86_400_000;
  const said = (ms: number) => clockTime(new Date(ms).toISOString());
  return sameDay
    ? ` (between ${said(fromMs).slice(0, 5)} and ${said(toMs).slice(0, 5)})`
    : ` (between ${said(fromMs)} and ${said(toMs)})`;
}

/** `14:02 UTC, 21 Nov`; what is no time is left as it is. */
function clockTime(at: string): string {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return at;
  const said = new Date(ms).toUTCString(); // Sat, 21 Nov 2026 14:02:00 GMT
  return `${said.slice(17, 22)} UTC, ${Number(said.slice(5, 7))} ${said.slice(8, 11)}`;
}

/** Names come from senders: no line may begin where one of ours does not. */
const oneLine = (text: string) => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();

/** At most `length` characters, an ellipsis being the last one. */
export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
}
