import type { LineageLine, TrainingExport } from '#contract/training.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import { correctionTexts } from '#store/queries/training-corrections.ts';
import { readTrainingLines, trainingExportRow } from '#store/state/training.ts';
import { asCall, type KeptLine, sha256 } from './choose.ts';
import { type TrainingDeps, TrainingProblem } from './deps.ts';
import { lineOf, pairOf, pathOf, redactPair } from './line.ts';

const batchSize = 200;

export interface TrainingFile {
  name: string;
  contentType: string;
  stream(): AsyncIterable<Uint8Array>;
}

export async function findExport(
  { state, projectId }: TrainingDeps,
  exportId: string,
): Promise<TrainingExport> {
  const row = await trainingExportRow(state, projectId, exportId);
  if (!row) throw new TrainingProblem('not_found', `There is no export ${exportId}.`);
  return JSON.parse(row.head) as TrainingExport;
}

/**
 * The file of an export, written again from the texts where they lie. A line that would differ from when the export was made
 * breaks it off with a TrainingProblem: what one trains on must be what the lineage says.
 */
export async function trainingFileOf(deps: TrainingDeps, exportId: string): Promise<TrainingFile> {
  const made = await findExport(deps, exportId);
  return {
    name: `${nameOf(made)}.jsonl`,
    contentType: 'application/x-ndjson',
    stream: () => linesAgain(deps, made),
  };
}

const nameOf = ({ format, created_at, export_id }: TrainingExport) =>
  `driftline-${format}-${created_at.slice(0, 10)}-${export_id.slice(0, 8)}`;

async function* linesAgain(deps: TrainingDeps, made: TrainingExport): AsyncGenerator<Uint8Array> {
  const { text: redact } = await deps.redactor();
  let line = 0;
  for await (const kept of keptLines(deps, made.export_id)) {
    const refs = kept.flatMap(({ calls }) => calls).map(asCall);
    const ids = kept.flatMap(({ correction }) => (correction === undefined ? [] : [correction]));
    const [texts, corrections] = await Promise.all([
      textsOfCalls(deps.clickhouse, deps.projectId, refs),
      correctionTexts(deps.clickhouse, deps.projectId, ids),
    ]);
    const lines = kept.map(one => {
      line += 1;
      const pair = pairOf(made.format, one, texts, corrections);
      const text = pair && lineOf(made.format, redactPair(pair, redact));
      if (text === null || sha256(text) !== one.sha256)
        throw new TrainingProblem(
          'gone',
          `Line ${line} cannot be written as it was: its text is not kept any more, or privacy settings have changed. Make the export again.`,
        );
      return `${text}\n`;
    });
    yield Buffer.from(lines.join(''));
  }
}

/** What each line was made of: a head in the shape of the export, then a line for each line of the file. */
export async function lineageFileOf(deps: TrainingDeps, exportId: string): Promise<TrainingFile> {
  const made = await findExport(deps, exportId);
  return {
    name: `${nameOf(made)}-lineage.jsonl`,
    contentType: 'application/x-ndjson',
    stream: () => lineage(deps, made),
  };
}

async function* lineage(deps: TrainingDeps, made: TrainingExport): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(made)}\n`);
  let line = 0;
  for await (const kept of keptLines(deps, made.export_id)) {
    const lines = kept.map(({ sha256, calls, scores, source }): LineageLine => {
      line += 1;
      return { line, sha256, calls: calls.map(pathOf), scores, source };
    });
    yield Buffer.from(lines.map(one => `${JSON.stringify(one)}\n`).join(''));
  }
}

async function* keptLines({ state }: TrainingDeps, exportId: string): AsyncGenerator<KeptLine[]> {
  for (let after = 0; ; after += batchSize) {
    const lines = await readTrainingLines(state, exportId, { after, limit: batchSize });
    if (lines.length > 0) yield lines.map(line => JSON.parse(line) as KeptLine);
    if (lines.length < batchSize) return;
  }
}
