import type { ClickHouse } from '#store/engine/client.ts';
import { enginePaths } from '#store/engine/config-files.ts';
import { type DefinitionRepair, definitionRepairs } from '#store/engine/definitions.ts';
import { type BrokenPart, brokenParts } from '#store/queries/broken-parts.ts';
import type { Problems, Told } from './problems.ts';

const askMs = 2_000;
/** Told by name. */
const maxNamed = 5;

/**
 * Raises what the engine found damaged on its disk when it started, and clears it once a person has dealt with it. Rejects
 * when the store does not say; then what was known before stands.
 */
export async function tellDamage(
  problems: Problems,
  clickhouse: ClickHouse,
  dataDir: string,
  nowMs: number,
): Promise<void> {
  const tell = (id: string, told: Told | null) => {
    if (told) problems.raise(id, told, nowMs);
    else problems.clear(id);
  };
  tell('definition-lost', definitionProblem(definitionRepairs(enginePaths(dataDir)), dataDir));
  tell('part-broken', partProblem(await brokenParts(clickhouse, { signal: AbortSignal.timeout(askMs) })));
}

function partProblem(parts: readonly BrokenPart[]): Told | null {
  const [first] = parts;
  if (!first) return null;
  const what =
    parts.length === 1 ? `Part ${first.name} of ${first.table}` : `${parts.length} parts of the store`;
  const named = parts.slice(0, maxNamed).map(({ table, name, rows }) => {
    return `${name} of ${table} (${rows === null ? 'rows unknown' : `${rows.toLocaleString('en-US')} rows`})`;
  });
  return {
    severity: 'critical',
    title: `${what} could not be read when the store started`,
    detail: `Missing from every answer until restored from a backup or dropped: ${listed(named, parts.length)}. All other parts are read as before.`,
  };
}

function definitionProblem(repairs: readonly DefinitionRepair[], dataDir: string): Told | null {
  const [first] = repairs;
  if (!first) return null;
  const what =
    repairs.length === 1
      ? `The definition of the table ${first.table}`
      : `The definitions of ${repairs.length} tables`;
  return {
    severity: 'critical',
    title: `${what} could not be read when the store started`,
    detail: `${repairs.map(outcome).join(' ')} Remove the folder ${enginePaths(dataDir).quarantine} when you have looked at it.`,
  };
}

function outcome({ table, outcome: became, data }: DefinitionRepair): string {
  if (became === 'attached') return `${table} was made anew with all its rows.`;
  if (became === 'empty') {
    return `${table} was made anew and is empty: its data could not be attached and is in ${data}, restore it from a backup.`;
  }
  return `${table} is no table of Driftline and was left out; its data is in ${data}.`;
}

function listed(named: readonly string[], all: number): string {
  return all > named.length ? `${named.join(', ')} and ${all - named.length} more` : named.join(', ');
}
