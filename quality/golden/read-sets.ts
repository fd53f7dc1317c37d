import type { GoldenSetDetail } from '#contract/golden.ts';
import {
  countGoldenCases,
  listGoldenVersions,
  readGoldenCases,
  readGoldenTags,
} from '#store/state/golden.ts';
import { listGoldenRunRows } from '#store/state/golden-runs.ts';
import { caseOf } from './case.ts';
import type { GoldenDeps } from './deps.ts';
import { versionOf } from './runs.ts';
import { findSet, setOf } from './sets.ts';

const mostRuns = 10_000;

/** A set with its versions and the tags of the newest one. */
export async function setDetail(deps: GoldenDeps, setName: string): Promise<GoldenSetDetail> {
  const set = await findSet(deps, setName);
  const asked = { setId: set.set_id, version: set.version };
  const [versions, tags, runs] = await Promise.all([
    listGoldenVersions(deps.state, set.set_id),
    readGoldenTags(deps.state, asked),
    listGoldenRunRows(deps.state, set.set_id, mostRuns),
  ]);
  const names = new Set(tags.flatMap(list => JSON.parse(list) as string[]));
  return {
    ...setOf(set, runs.length),
    versions: versions.map(({ set_id: _, ...version }) => version),
    tags: [...names].sort(),
  };
}

export interface PageAsked {
  version?: number | undefined;
  q: string;
  tag: string;
  after: string;
  limit: number;
}

/** Cases of a version that match; `next` continues behind the last one. */
export async function pageOfCases(deps: GoldenDeps, setName: string, asked: PageAsked) {
  const set = await findSet(deps, setName);
  const version = versionOf(set, asked.version);
  const question = { setId: set.set_id, version, words: asked.q.trim().toLowerCase(), tag: asked.tag };
  const [rows, total] = await Promise.all([
    readGoldenCases(deps.state, {
      ...question,
      afterPosition: positionOf(asked.after),
      limit: asked.limit + 1,
    }),
    countGoldenCases(deps.state, question),
  ]);
  const cases = rows.slice(0, asked.limit);
  const next = rows.length > asked.limit ? String(cases.at(-1)?.position) : null;
  return { version, cases: cases.map(caseOf), total, next };
}

/** 0 for anything that is no cursor of ours. */
export function positionOf(after: string): number {
  return /^\d{1,9}$/.test(after) ? Number(after) : 0;
}
