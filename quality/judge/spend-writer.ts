import { addJudgeSpend, type JudgeSpendRow } from '#store/state/judges.ts';
import type { StateDb } from '#store/state/open.ts';

/**
 * Adds up what judges spend and writes it one write at a time: every write waits for the disk, and answers must not wait for each
 * other's. What a killed process had not written yet, a few answers, is missing from the count.
 */
export function spendWriter(state: StateDb, projectId: string) {
  const unwritten = new Map<string, JudgeSpendRow>();
  let beingWritten = 0;
  let writing: Promise<void> | null = null;

  async function write(): Promise<void> {
    for (let row = unwritten.values().next().value; row; row = unwritten.values().next().value) {
      unwritten.delete(row.day);
      beingWritten = row.spent_nanos;
      await addJudgeSpend(state, row);
      beingWritten = 0;
    }
  }

  const nothing = {
    spent_nanos: 0,
    calls: 0,
    input_tokens: 0,
    output_tokens: 0,
    unpriced_calls: 0,
    failed_calls: 0,
  };

  return {
    add(spent: JudgeSpendRow): void {
      const row = unwritten.get(spent.day) ?? { ...nothing, project_id: projectId, day: spent.day };
      for (const name of Object.keys(nothing) as (keyof typeof nothing)[]) row[name] += spent[name];
      unwritten.set(spent.day, row);
      writing ??= write().finally(() => {
        beingWritten = 0;
        writing = null;
      });
      writing.catch(() => {});
    },
    unwrittenNanos: () => [...unwritten.values()].reduce((sum, row) => sum + row.spent_nanos, beingWritten),
    async settled(): Promise<void> {
      await writing;
    },
  };
}
