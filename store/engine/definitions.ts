import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../durable-file.ts';
import type { EnginePaths } from './config-files.ts';

/** A table whose definition was lost, and what became of it. */
export interface DefinitionRepair {
  table: string;
  /** ISO 8601. */
  at: string;
  /**
   * `attached`: made anew from our schema, with all its data. `empty`: made anew, but the data could not be attached.
   * `unknown`: no table of ours, so only its data files are kept.
   */
  outcome: 'attached' | 'empty' | 'unknown';
  /** The unreadable file; null when there was none any more. */
  definition: string | null;
  /** Where the rows are. */
  data: string;
}

// Words of the engine, and codes by which it says that the text is wrong, not the data: syntax, unknown column, function,
// type, engine or setting, bad arguments.
const unparsed = /Cannot parse definition from metadata file (\S+\.sql)/;
const unattached = /Code: (?:36|46|47|50|56|62|115)\. .*Cannot attach table .* from metadata file (\S+\.sql)/;
const undatabased = /while loading database `\w+` from file (metadata\/\w+\.sql)/;
const ownFiles = /^(?:store\/[0-9a-f]{3}\/[0-9a-f-]{36}|metadata)\/[\w%-]+\.sql$/;

/** The definition, relative to the store, because of which an engine with these last words did not start; null when it is not that. */
export function unreadableDefinition(words: readonly string[]): string | null {
  const text = words.join(' ');
  const file = (unparsed.exec(text) ?? unattached.exec(text) ?? undatabased.exec(text))?.[1];
  return file !== undefined && ownFiles.test(file) ? file : null;
}

/** Moves an unreadable definition out of the engine's way; the data it spoke of stays where it is. */
export function setAside(paths: EnginePaths, definition: string): void {
  const from = join(paths.store, definition);
  mkdirSync(paths.quarantine, { recursive: true, mode: 0o700 });
  renameSync(from, join(paths.quarantine, `${basename(definition, '.sql')}.${Date.now()}.sql`));
  if (dirname(definition) === 'metadata') writeDatabase(from);
  syncFolder(paths.quarantine);
  syncFolder(dirname(from));
}

/** A database has nothing but an id, which is also in the name of its folder. */
function writeDatabase(file: string): void {
  const uuid = basename(readlinkSync(file.slice(0, -'.sql'.length)));
  writeFileSync(file, `ATTACH DATABASE _ UUID '${uuid}'\nENGINE = Atomic\n`, { mode: 0o640, flush: true });
}

/** Tables that have data, by name, with the id under which the engine keeps it. */
export function tablesWithData(paths: EnginePaths, database: string): Map<string, string> {
  const links = join(paths.store, 'data', database);
  const tables = new Map<string, string>();
  if (!existsSync(links)) return tables;
  for (const name of readdirSync(links)) {
    // The engine writes a link for each table, from its name to its data.
    if (/^\w+$/.test(name) && existsSync(join(links, name))) {
      tables.set(name, basename(readlinkSync(join(links, name))));
    }
  }
  return tables;
}

/** Notes a repair for people to see, beside the definition that was set aside. */
export function noteRepair(
  paths: EnginePaths,
  repair: Omit<DefinitionRepair, 'at' | 'definition'>,
): DefinitionRepair {
  mkdirSync(paths.quarantine, { recursive: true, mode: 0o700 });
  const setAside = readdirSync(paths.quarantine)
    .filter(name => name.startsWith(`${repair.table}.`) && name.endsWith('.sql'))
    .sort();
  const definition = setAside.length > 0 ? join(paths.quarantine, setAside.at(-1)!) : null;
  const noted = { ...repair, at: new Date().toISOString(), definition };
  writeFileSync(join(paths.quarantine, `${repair.table}.json`), JSON.stringify(noted), {
    mode: 0o600,
    flush: true,
  });
  return noted;
}

/** What was repaired, until someone who has looked at it removes the folder `clickhouse/quarantine`. */
export function definitionRepairs({ quarantine }: Pick<EnginePaths, 'quarantine'>): DefinitionRepair[] {
  if (!existsSync(quarantine)) return [];
  return readdirSync(quarantine)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => JSON.parse(readFileSync(join(quarantine, name), 'utf8')) as DefinitionRepair);
}
