import type { Mapping } from '#contract/mapping.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { isoToStore } from '#store/queries/time.ts';
import type { UnmappedAttributeRow } from '#store/rows.ts';
import type { CollectorLog } from '../hooks.ts';
import type { Batch } from '../settle/described.ts';
import type { Scope, Span } from '../telemetry.ts';
import { isMappedKey } from './mapped-keys.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** One span in so many is looked at. A prime, since spans come in patterns. */
const oneIn = 61;
/** Instrumentations in an hour, and unread attributes of each, that are counted; what more there is is not. */
const maxScopes = 200;
const maxKeys = 100;
const maxExampleChars = 120;
const maxNameChars = 200;
/** A store that hangs must not hold up a stop. */
const longestInsertMs = 5000;
const maxRemembered = 10_000;

interface UnreadKey {
  n: number;
  example: string;
  traceId: string;
  spanId: string;
  lastSeenMs: number;
}

/** The sampled spans of one instrumentation in one hour. */
interface ScopeHour {
  projectId: string;
  hour: number;
  scopeName: string;
  scopeVersion: string;
  dialect: string;
  spans: number;
  lookedAtMinute: number;
  sampled: number;
  keys: Map<string, UnreadKey>;
  isDirty: boolean;
}

export interface UnmappedOptions {
  /** Unique to this process; readers add up. */
  collectorId: string;
  log: CollectorLog;
  /** Where people say feature, tenant and the like are: the keys they name are read. */
  mapping: (projectId: string) => Mapping | undefined;
  /** Without it only values that are no prose are kept as examples. */
  capturesContent: (projectId: string) => boolean;
}

/**
 * Counts attributes of GenAI spans that no rule reads, from the first span of each instrumentation in a minute and one in
 * 61 of the others: a convention that was renamed shows up here instead of becoming a silent zero.
 */
export class Unmapped {
  private readonly options: UnmappedOptions;
  private readonly scopes = new Map<string, ScopeHour>();
  /** The verdict on every key seen lately, so that most cost one look-up. */
  private readonly verdicts = new Map<string, boolean>();
  private version = 0;

  constructor(options: UnmappedOptions) {
    this.options = options;
  }

  accepted(batch: Batch, receivedAtMs: number): void {
    let scope: Scope | null = null;
    let dialect = '';
    let hour: ScopeHour | null = null;
    for (const { span, facts } of batch.spans) {
      if (facts.dialect === '') continue;
      if (span.scope !== scope || facts.dialect !== dialect) {
        scope = span.scope;
        dialect = facts.dialect;
        hour = this.scopeHour(batch.projectId, scope, dialect, receivedAtMs);
      }
      if (hour && isTurn(hour, receivedAtMs)) this.look(hour, span, receivedAtMs);
    }
  }

  /** Writes what has changed; while the store is away it waits for the next time. */
  async flush(clickhouse: ClickHouse, nowMs: number): Promise<void> {
    const changed = [...this.scopes.values()].filter(({ isDirty }) => isDirty);
    this.version = Math.max(nowMs, this.version + 1);
    const rows = changed.flatMap(scope => rowsOf(scope, this.options.collectorId, this.version));
    for (const scope of changed) scope.isDirty = false;
    try {
      await clickhouse.insert('unmapped_attributes', rows, { signal: AbortSignal.timeout(longestInsertMs) });
    } catch (error) {
      for (const scope of changed) scope.isDirty = true;
      this.options.log.warn({ error }, 'could not store which attributes nobody reads; trying again');
    }
    for (const [key, { hour }] of this.scopes) if (hour < nowMs - 2 * hourMs) this.scopes.delete(key);
  }

  /** Null when there are too many instrumentations. */
  private scopeHour(projectId: string, scope: Scope, dialect: string, atMs: number): ScopeHour | null {
    const hour = Math.floor(atMs / hourMs) * hourMs;
    const scopeName = scope.name.slice(0, maxNameChars);
    const scopeVersion = scope.version.slice(0, maxNameChars);
    const key = [hour, projectId, scopeName, scopeVersion, dialect].join('\0');
    const known = this.scopes.get(key);
    if (known || this.scopes.size >= maxScopes) return known ?? null;
    const counts = { spans: 0, lookedAtMinute: 0, sampled: 0, keys: new Map<string, UnreadKey>() };
    const fresh = { projectId, hour, scopeName, scopeVersion, dialect, ...counts, isDirty: false };
    this.scopes.set(key, fresh);
    return fresh;
  }

  private look(scope: ScopeHour, span: Span, atMs: number): void {
    scope.sampled++;
    scope.isDirty = true;
    const configured = attributesOf(this.options.mapping(scope.projectId));
    for (const key in span.attributes) {
      if (this.isRead(key) || configured.has(key)) continue;
      const known = scope.keys.get(key);
      if (!known && scope.keys.size >= maxKeys) continue;
      const example = exampleOf(span.attributes[key]!, this.options.capturesContent(scope.projectId));
      const { traceId, spanId } = span;
      scope.keys.set(key, { n: (known?.n ?? 0) + 1, example, traceId, spanId, lastSeenMs: atMs });
    }
  }

  private isRead(key: string): boolean {
    const known = this.verdicts.get(key);
    if (known !== undefined) return known;
    if (this.verdicts.size >= maxRemembered) this.verdicts.clear();
    const verdict = isMappedKey(key);
    this.verdicts.set(key, verdict);
    return verdict;
  }
}

function attributesOf(mapping: Mapping | undefined): ReadonlySet<string> {
  const places = Object.values(mapping ?? {}).flat();
  return new Set(places.filter(({ from }) => from === 'attribute').map(({ key }) => key));
}

function isTurn(scope: ScopeHour, atMs: number): boolean {
  const minute = Math.floor(atMs / minuteMs);
  const isFirst = scope.lookedAtMinute !== minute;
  if (isFirst) scope.lookedAtMinute = minute;
  return scope.spans++ % oneIn === 0 || isFirst;
}

/** Names, numbers and ids as they are. A key that nobody knows may hold what people wrote, so prose is only measured. */
function exampleOf(value: string, capturesContent: boolean): string {
  if (capturesContent || /^[\w.:/+-]{0,64}$/.test(value)) return value.slice(0, maxExampleChars);
  return `(${value.length} characters)`;
}

function rowsOf(scope: ScopeHour, collectorId: string, version: number): UnmappedAttributeRow[] {
  return [...scope.keys].map(([key, { n, example, traceId, spanId, lastSeenMs }]) => ({
    project_id: scope.projectId,
    hour: isoToStore(scope.hour).slice(0, 19),
    collector_id: collectorId,
    scope_name: scope.scopeName,
    scope_version: scope.scopeVersion,
    dialect: scope.dialect,
    key,
    n,
    sampled: scope.sampled,
    example,
    trace_id: traceId,
    span_id: spanId,
    last_seen: isoToStore(lastSeenMs),
    version,
  }));
}
