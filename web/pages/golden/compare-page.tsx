import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { type Comparison, useComparison, useGoldenRuns } from '../../data/golden.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { ComparedRow } from './compared-row.tsx';
import { GateBox } from './gate-box.tsx';
import type { CompareSearch } from './search.ts';
import { evaluatorLabel, plural } from './words.ts';

const pageSize = 25;

/** Two runs of a set case by case: what got worse comes first. */
export function ComparePage() {
  const { set } = useParams({ from: '/golden/$set/compare' });
  const search = useSearch({ from: '/golden/$set/compare' });
  const navigate = useNavigate({ from: '/golden/$set/compare' });
  const go = (change: { [K in keyof CompareSearch]?: CompareSearch[K] | undefined }) =>
    void navigate({ resetScroll: false, search: old => ({ ...old, ...change }) as CompareSearch });
  const runs = useGoldenRuns(set);
  const list = runs.data?.runs ?? [];
  const baseline = search.a ?? list[1]?.run_id;
  const candidate = search.b ?? list[0]?.run_id;
  const options = list.map(({ run_id, name }) => ({ value: run_id, label: name }));
  const evaluators = list.find(one => one.run_id === candidate)?.scores ?? [];
  const by = search.by ?? evaluators[0]?.evaluator.split('@')[0];
  return (
    <>
      <nav aria-label="Golden sets" className="mb-1 flex flex-wrap gap-x-2">
        <Link to="/golden" className="text-accent hover:underline pointer-coarse:py-2">
          Golden sets
        </Link>
        <Link
          to="/golden/$set"
          params={{ set }}
          search={{ tab: 'runs' }}
          className="text-accent hover:underline pointer-coarse:py-2"
        >
          {set}
        </Link>
      </nav>
      <PageTitle title="Compare runs">
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <Labelled label="Baseline">
            <Select label="Baseline" value={baseline ?? ''} options={options} onChange={a => go({ a })} />
          </Labelled>
          <Labelled label="Candidate">
            <Select label="Candidate" value={candidate ?? ''} options={options} onChange={b => go({ b })} />
          </Labelled>
          <Labelled label="By">
            <Select
              label="Evaluator"
              value={by ?? ''}
              options={evaluators.map(({ evaluator }) => ({
                value: evaluator.split('@')[0] ?? '',
                label: evaluatorLabel(evaluator),
              }))}
              onChange={next => go({ by: next })}
            />
          </Labelled>
        </div>
      </PageTitle>
      {runs.error && !runs.data ? (
        <Failure what="Could not load the runs." error={runs.error} onRetry={() => void runs.refetch()} />
      ) : runs.data && (!baseline || !candidate || baseline === candidate) ? (
        <Note title="Choose two different runs." />
      ) : baseline && candidate && by ? (
        <div className="flex flex-col gap-4">
          <GateBox set={set} baseline={baseline} candidate={candidate} evaluator={by} />
          <CaseList a={baseline} b={candidate} by={by} show={search.show} onShow={show => go({ show })} />
        </div>
      ) : null}
    </>
  );
}

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <span className="flex max-w-full min-w-0 items-center gap-2">
      <span aria-hidden className="text-label text-muted max-md:w-16 max-md:shrink-0">
        {label}
      </span>
      {children}
    </span>
  );
}

interface CaseListProps {
  a: string;
  b: string;
  by: string;
  show: CompareSearch['show'];
  onShow: (show: CompareSearch['show'] | undefined) => void;
}

function CaseList({ a, b, by, show = undefined, onShow }: CaseListProps) {
  const [limit, setLimit] = useState(pageSize);
  const query = useComparison({
    baseline: a,
    candidate: b,
    evaluator: by,
    show: show ?? 'all',
    limit,
  });
  return (
    <Panel
      title={query.data ? countWords(query.data) : 'Cases'}
      what="the comparison"
      query={query}
      height={200}
      actions={
        <Segmented
          label="Cases"
          value={show ?? 'all'}
          options={[
            { value: 'all', label: 'All' },
            { value: 'regressed', label: 'Worse' },
            { value: 'improved', label: 'Better' },
          ]}
          onChange={next => onShow(next === 'all' ? undefined : next)}
        />
      }
      empty={({ cases }) =>
        cases.length === 0 ? (
          <Note
            title={show === 'regressed' ? 'No case got worse.' : show ? 'No case got better.' : 'No cases.'}
          />
        ) : null
      }
    >
      {({ cases, evaluator, total }) => (
        <>
          <ul className="mt-2">
            {cases.map(one => (
              <ComparedRow key={one.case.case_id} of={one} evaluator={evaluator} />
            ))}
          </ul>
          {total > cases.length && limit < 500 && (
            <div className="border-t border-line p-3">
              <Button onClick={() => setLimit(limit + 75)}>Show more of {format.full(total)}</Button>
            </div>
          )}
        </>
      )}
    </Panel>
  );
}

function countWords({ counts }: Comparison): string {
  const said = [
    `${plural(counts.regressed, 'case')} worse`,
    `${format.full(counts.improved)} better`,
    `${format.full(counts.same)} the same`,
    ...(counts.incomparable > 0 ? [`${format.full(counts.incomparable)} not comparable`] : []),
  ];
  return said.join(', ');
}
