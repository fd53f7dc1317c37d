import type { ModelCard, VersionDimension } from '#contract/model-card.ts';
import { listGoldenSetRows } from '#store/state/golden.ts';
import { type GoldenRunRow, listGoldenRunRows } from '#store/state/golden-runs.ts';
import { type GoldenDeps, GoldenProblem } from '../golden/deps.ts';
import { judgeRuns } from '../golden/gate.ts';
import { pairRuns } from '../golden/pairs.ts';
import { runOf } from '../golden/runs.ts';

const mostSets = 5;
const runsOfSet = 3;
const lookedAt = 200;
/** What the gate takes when nobody says otherwise. */
const gateDefaults = { margin: 0.02, alpha: 0.05 };

interface Wanted {
  feature: string;
  version: readonly { dimension: VersionDimension; value: string }[];
}

/** `answer@v14`, `answer v14` and `answer:v14` are one prompt. */
const plain = (name: string) => name.replace(/[@:#\s]+/g, ' ').trim();

/** Values of one dimension are alternatives, as everywhere. Runs know no variants. */
function isOf(row: GoldenRunRow, version: Wanted['version']): boolean {
  return [...new Set(version.map(({ dimension }) => dimension))].every(dimension => {
    if (dimension === 'variant') return false;
    const wanted = version.filter(one => one.dimension === dimension).map(({ value }) => plain(value));
    return wanted.includes(plain(row[dimension]));
  });
}

/** Runs of sets made for the feature, newest first, and what the gate says of the newest against the run before it. */
export async function goldenOf(deps: GoldenDeps, asked: Wanted): Promise<ModelCard['golden']> {
  const sets = await listGoldenSetRows(deps.state, deps.projectId);
  const found: ModelCard['golden'] = { runs: [], gates: [] };
  for (const set of sets.filter(({ feature }) => feature === asked.feature).slice(0, mostSets)) {
    const rows = await listGoldenRunRows(deps.state, set.set_id, lookedAt);
    const answered = rows.filter(({ updated_at }) => updated_at !== null);
    const ours = answered.filter(row => isOf(row, asked.version));
    found.runs.push(...ours.slice(0, runsOfSet).map(row => runOf(row, set.name)));
    const candidate = ours[0];
    const baseline = candidate && answered[answered.indexOf(candidate) + 1];
    if (!candidate || !baseline) continue;
    const gate = await gateOf(deps, baseline.run_id, candidate.run_id);
    if (gate) found.gates.push({ set: set.name, baseline: baseline.name, candidate: candidate.name, gate });
  }
  return found;
}

/** Null when the two runs cannot be compared, e.g. because no evaluator scored both. */
async function gateOf(deps: GoldenDeps, baseline: string, candidate: string) {
  try {
    return judgeRuns(await pairRuns(deps, { baseline, candidate }), gateDefaults);
  } catch (error) {
    if (error instanceof GoldenProblem) return null;
    throw error;
  }
}
