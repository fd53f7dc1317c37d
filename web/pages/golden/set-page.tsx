import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useGoldenRuns, useGoldenSet } from '../../data/golden.ts';
import { Failure } from '../../states/failure.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Cases } from './cases.tsx';
import { EditSet } from './edit-set.tsx';
import { Runs } from './runs.tsx';
import type { SetSearch } from './search.ts';
import { Versions } from './versions.tsx';
import { evaluatorLabel, plural } from './words.ts';

/** One golden set: its cases, how runs did on them, and how it came to be. */
export function SetPage() {
  const { set } = useParams({ from: '/golden/$set' });
  const search = useSearch({ from: '/golden/$set' });
  const navigate = useNavigate({ from: '/golden/$set' });
  const go = (change: SetSearch | { [K in keyof SetSearch]: undefined }) =>
    void navigate({ resetScroll: false, replace: 'q' in change, search: old => ({ ...old, ...change }) });
  const query = useGoldenSet(set);
  const runs = useGoldenRuns(set);
  const found = query.data;
  const [editing, setEditing] = useState(false);
  return (
    <>
      <nav aria-label="Golden sets" className="mb-1">
        <Link to="/golden" className="text-accent hover:underline pointer-coarse:py-2">
          Golden sets
        </Link>
      </nav>
      <PageTitle title={set} actions={found && <Button onClick={() => setEditing(true)}>Edit</Button>}>
        <p className="min-h-5 max-w-text text-muted">
          {found &&
            [
              found.description,
              found.feature && `Feature ${found.feature}.`,
              `${plural(found.cases, 'case')} in version ${found.version}, scored by ${found.evaluators
                .map(({ name }) => evaluatorLabel(name))
                .join(', ')}.`,
            ]
              .filter(Boolean)
              .map(text => (/[.!?]$/.test(text) ? text : `${text}.`))
              .join(' ')}
        </p>
      </PageTitle>
      {query.error && !found ? (
        <Failure
          what="Could not load the golden set."
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <Tabs
          label="Parts of the set"
          value={search.tab ?? 'cases'}
          onChange={tab => go({ tab: tab === 'cases' ? undefined : (tab as 'runs' | 'versions') })}
          tabs={[
            { value: 'cases', label: 'Cases' },
            { value: 'runs', label: runs.data ? `Runs (${runs.data.runs.length})` : 'Runs' },
            { value: 'versions', label: 'Versions' },
          ]}
        >
          {search.tab === 'runs' ? (
            <Runs set={set} query={runs} search={search} onSearch={go} />
          ) : search.tab === 'versions' ? (
            <Versions query={query} onShow={v => go({ v, tab: undefined })} />
          ) : (
            <Cases set={set} detail={found} search={search} onSearch={go} />
          )}
        </Tabs>
      )}
      {found && <EditSet detail={found} open={editing} onClose={() => setEditing(false)} />}
    </>
  );
}
