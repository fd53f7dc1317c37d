import { readGoldenCases } from '#store/state/golden.ts';
import { caseOf } from './case.ts';
import type { GoldenDeps } from './deps.ts';
import { versionOf } from './runs.ts';
import { findSet } from './sets.ts';

const page = 500;

/** One version as JSONL, in the words import takes. */
export async function exportCases(deps: GoldenDeps, setName: string, wanted: number | undefined) {
  const set = await findSet(deps, setName);
  const version = versionOf(set, wanted);
  return {
    name: `${set.name}-v${version}.jsonl`,
    contentType: 'application/x-ndjson; charset=utf-8',
    async *stream(): AsyncGenerator<Uint8Array> {
      let afterPosition = 0;
      for (;;) {
        const asked = { setId: set.set_id, version, afterPosition, limit: page };
        const rows = await readGoldenCases(deps.state, asked);
        if (rows.length > 0) yield Buffer.from(rows.map(row => `${line(caseOf(row))}\n`).join(''));
        if (rows.length < page) return;
        afterPosition = rows.at(-1)?.position ?? afterPosition;
      }
    },
  };
}

function line({ case_id, input, reference, context, tags, language, tool_calls }: ReturnType<typeof caseOf>) {
  const said = { case_id, input, reference, context, tags, language, ...(tool_calls && { tool_calls }) };
  return JSON.stringify(said);
}
