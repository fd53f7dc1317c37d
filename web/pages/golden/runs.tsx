import { Link } from '@tanstack/react-router';
import { GitCompareArrows } from 'lucide-react';
import { useState } from 'react';
import type { GoldenRun } from '../../data/golden.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Button, controlClasses } from '../../ui/button.tsx';
import { NewRun } from './new-run.tsx';
import { RunMatrix } from './run-matrix.tsx';
import { RunSheet } from './run-sheet.tsx';
import type { SetSearch } from './search.ts';

interface RunsProps {
  set: string;
  query: Asked<{ runs: GoldenRun[] }>;
  search: SetSearch;
  onSearch: (change: { [K in keyof SetSearch]?: SetSearch[K] | undefined }) => void;
}

/** Runs by evaluators, and the way to compare two of them. Without a choice the newest is compared with the one before. */
export function Runs({ set, query, search, onSearch }: RunsProps) {
  const [beginning, setBeginning] = useState(false);
  const runs = query.data?.runs ?? [];
  const baseline = search.a ?? runs[1]?.run_id;
  const candidate = search.b ?? runs[0]?.run_id;
  const canCompare = baseline !== undefined && candidate !== undefined && baseline !== candidate;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        {canCompare ? (
          <Link
            to="/golden/$set/compare"
            params={{ set }}
            search={{ a: baseline, b: candidate }}
            className={controlClasses('primary')}
          >
            <GitCompareArrows size={16} aria-hidden />
            Compare
          </Link>
        ) : (
          <Button look="primary" disabled>
            <GitCompareArrows size={16} aria-hidden />
            Compare
          </Button>
        )}
        <Button onClick={() => setBeginning(true)}>New run</Button>
      </div>
      <Panel
        title="Runs"
        what="the runs"
        query={query}
        height={160}
        empty={({ runs }) =>
          runs.length === 0 ? (
            <Note title="No run yet.">
              <span>
                Begin one for the prompt, model or release you have now; the next one is compared with it.
              </span>
            </Note>
          ) : null
        }
      >
        {({ runs }) => (
          <RunMatrix
            runs={runs}
            baseline={baseline}
            candidate={candidate}
            onBaseline={a => onSearch({ a })}
            onCandidate={b => onSearch({ b })}
            onOpen={run => onSearch({ run })}
          />
        )}
      </Panel>
      <RunSheet
        run={runs.find(({ run_id }) => run_id === search.run) ?? null}
        onClose={() => onSearch({ run: undefined })}
      />
      <NewRun set={set} open={beginning} onClose={() => setBeginning(false)} />
    </div>
  );
}
