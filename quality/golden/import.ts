import { readGoldenCases } from '#store/state/golden.ts';
import { type CaseSaid, wantedCase } from './case.ts';
import type { GoldenDeps } from './deps.ts';
import { readCaseFile } from './read-file.ts';
import { findSet, putCases } from './sets.ts';

export interface ImportAsked {
  format: 'jsonl' | 'csv';
  text: string;
  note: string;
  dry_run: boolean;
}

/** Takes what can be read of a file and names the lines that cannot. `clean` takes private values out. */
export async function importCases(
  deps: GoldenDeps,
  setName: string,
  { format, text, note, dry_run: isTrial }: ImportAsked,
  clean: (cases: CaseSaid[]) => Promise<CaseSaid[]>,
) {
  const { cases: read, errors } = readCaseFile(format, text);
  const cases = await clean(read);
  if (isTrial) return { ...(await foreseen(deps, setName, cases)), errors };
  const origin = { source: 'file' as const };
  const put = cases.map(said => ({ said, origin }));
  const done = await putCases(deps, setName, put, note || `from a ${format.toUpperCase()} file`);
  return { ...done, errors };
}

/** What putting these cases would do. */
async function foreseen(deps: GoldenDeps, setName: string, cases: readonly CaseSaid[]) {
  const set = await findSet(deps, setName);
  const rows = await readGoldenCases(deps.state, { setId: set.set_id, version: set.version });
  const before = new Map(rows.map(({ case_id, content }) => [case_id, content]));
  const wanted = cases.map(said => wantedCase(said, { source: 'file' }));
  const known = wanted.filter(({ case_id }) => before.has(case_id));
  const unchanged = known.filter(({ case_id, content }) => before.get(case_id) === content).length;
  return {
    version: set.version,
    added: wanted.length - known.length,
    changed: known.length - unchanged,
    unchanged,
    removed: 0,
    case_ids: wanted.map(({ case_id }) => case_id),
  };
}
