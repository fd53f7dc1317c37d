/** Since when a price holds that nobody knows the beginning of: it also prices every call before. */
export const always = '1970-01-01';

/** Something said about the price of one model between two dates; ISO 8601, a date alone is midnight UTC. */
export interface Stated {
  valid_from: string;
  valid_to: string | null;
  known_from: string;
  ended: 0 | 1;
}

/** A stretch of time in which a statement holds; `toMs` is exclusive and null when it has no end. */
export interface Segment<S extends Stated> {
  fromMs: number;
  toMs: number | null;
  statement: S;
}

/**
 * What holds when, of everything said about one model: at each time the statement that covers it and was known latest, not
 * later than `knownAt` (ISO 8601). Times without a price are left out. In the order of time, without overlaps.
 */
export function segmentsOf<S extends Stated>(statements: readonly S[], knownAt?: string): Segment<S>[] {
  const known = statements
    .filter(({ known_from }) => knownAt === undefined || Date.parse(known_from) <= Date.parse(knownAt))
    .map(statement => ({
      statement,
      fromMs: Date.parse(statement.valid_from),
      toMs: statement.valid_to === null ? Infinity : Date.parse(statement.valid_to),
    }))
    .sort((a, b) => Date.parse(b.statement.known_from) - Date.parse(a.statement.known_from));
  const edges = [...new Set(known.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  const segments: Segment<S>[] = [];
  for (const [at, fromMs] of edges.entries()) {
    const toMs = edges[at + 1];
    if (toMs === undefined) break;
    const holds = known.find(one => one.fromMs <= fromMs && one.toMs >= toMs)?.statement;
    if (!holds || holds.ended === 1) continue;
    const last = segments.at(-1);
    const end = toMs === Infinity ? null : toMs;
    if (last?.statement === holds && last.toMs === fromMs) last.toMs = end;
    else segments.push({ fromMs, toMs: end, statement: holds });
  }
  return segments;
}

/** The shortest text of an instant: `2026-11-01` for midnight UTC. */
export function dateText(ms: number): string {
  const iso = new Date(ms).toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso;
}

/** Statements by the series they are about. */
export function bySeries<S extends { provider: string; model: string; region: string }>(
  statements: readonly S[],
): Map<string, S[]> {
  const series = new Map<string, S[]>();
  for (const statement of statements) {
    const key = seriesKey(statement);
    const of = series.get(key);
    if (of) of.push(statement);
    else series.set(key, [statement]);
  }
  return series;
}

/** No part can hold a line break, so no two series share a key. */
export const seriesKey = (of: { provider: string; model: string; region: string }) =>
  `${of.provider}\n${of.model}\n${of.region}`;
