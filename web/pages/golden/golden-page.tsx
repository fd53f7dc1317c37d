import { Link, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { ago, exact, viewerZone } from '../../clock.ts';
import { type GoldenSet, useGoldenSets } from '../../data/golden.ts';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { NewSet } from './new-set.tsx';
import { evaluatorLabel, plural } from './words.ts';

/** Known cases: do they still pass? */
export function GoldenPage() {
  const query = useGoldenSets();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const create = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={16} aria-hidden />
      New set
    </Button>
  );
  return (
    <>
      <PageTitle title="Golden sets" actions={create}>
        <p className="max-w-text text-muted">
          Cases with a known good answer. Run them with every prompt, model or release, and see what got worse
          before it ships.
        </p>
      </PageTitle>
      <Panel
        title="Sets"
        what="the golden sets"
        query={query}
        height={120}
        empty={({ sets }) =>
          sets.length === 0 ? (
            <Note title="There is no golden set yet.">
              <span>Make one, then add cases by hand, from a file, from traces or from corrections.</span>
            </Note>
          ) : null
        }
      >
        {({ sets }) => (
          <ul>
            {sets.map(one => (
              <SetRow key={one.set} set={one} />
            ))}
          </ul>
        )}
      </Panel>
      <NewSet
        open={making}
        onClose={() => setMaking(false)}
        onMade={set => void navigate({ to: '/golden/$set', params: { set } })}
      />
    </>
  );
}

function SetRow({ set }: { set: GoldenSet }) {
  const updated = Date.parse(set.updated_at);
  return (
    <li className="border-t border-line">
      <Link
        to="/golden/$set"
        params={{ set: set.set }}
        className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-2 hover:bg-surface focus-visible:-outline-offset-2 pointer-coarse:py-3"
      >
        <span className="min-w-0 max-w-full">
          <span className="block truncate font-semibold text-accent">{set.set}</span>
          <span className="block truncate text-label text-muted">
            {[set.description, set.feature && `feature ${set.feature}`].filter(Boolean).join(', ') ||
              set.evaluators.map(({ name }) => evaluatorLabel(name)).join(', ')}
          </span>
        </span>
        <span className="text-label text-muted">
          {plural(set.cases, 'case')}, version {set.version}, {plural(set.runs, 'run')},{' '}
          <span title={exact(updated, viewerZone())}>changed {ago(updated, Date.now(), viewerZone())}</span>
        </span>
      </Link>
    </li>
  );
}
