import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Of those that take more than their size tells, and would be left to one core at the end when they began late. Vitest sorts by what
 * the last run took, and a clean clone has none: the largest file first.
 */
const long = [
  'ledger/adds-up.test.ts',
  'alerts/check.test.ts',
  'ledger/reconcile/reconcile.test.ts',
  'api/demo.test.ts',
  'ledger/outcome/outcomes.test.ts',
  'collector/settle/sole-writer.test.ts',
  'store/engine/repair-tables.test.ts',
  'store/score-roll-up.test.ts',
  'alerts/judged-scores.test.ts',
  'ledger/roll-up/roll-up.test.ts',
  'alerts/drift/benchmark.test.ts',
  'alerts/drift/simulate-null.test.ts',
];

/** Vitest's own order, with the files above first in their project. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex(name => moduleId.endsWith(`/${name}`));
      return at === -1 ? long.length : at;
    };
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    return projects.flatMap(name =>
      sorted.filter(({ project }) => project.name === name).sort((one, other) => place(one) - place(other)),
    );
  }
}
