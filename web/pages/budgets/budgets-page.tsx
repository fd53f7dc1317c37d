import { useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { type BudgetList, useBudgets } from '../../data/budgets.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { useDocumentTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { readWhere } from '../spend/where.ts';
import { BudgetCard } from './budget-card.tsx';
import { BudgetForm } from './budget-form.tsx';
import { History } from './history.tsx';
import { headline } from './words.ts';

/** Which budget will break, and when? */
export function BudgetsPage() {
  useDocumentTitle('Budgets');
  const { data, error, refetch } = useBudgets();
  const navigate = useNavigate({ from: '/budgets' });
  const create = () => void navigate({ search: old => ({ ...old, open: undefined, edit: 'new' }) });
  return (
    <>
      <div className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <Headline list={data} />
          {data && <Facts list={data} />}
        </div>
        <Button look="primary" onClick={create}>
          <Plus size={16} aria-hidden />
          New budget
        </Button>
      </div>
      {!data ? (
        error ? (
          <Failure what="Could not load the budgets." error={error} onRetry={() => void refetch()} />
        ) : (
          <div role="status" className="appear h-48 rounded-card bg-surface">
            <span className="sr-only">Loading</span>
          </div>
        )
      ) : data.budgets.length === 0 ? (
        <Note title="No budget yet.">
          <span className="max-w-text">
            A budget is an amount for a day, a week or a month of any part of the spend. It shows when the
            amount will be reached and how sure that is; with a ceiling, applications can ask before they
            spend more.
          </span>
        </Note>
      ) : (
        <ul className="flex flex-col gap-3">
          {data.budgets.map(budget => (
            <li key={budget.id}>
              <BudgetCard budget={budget} zone={data.zone} />
            </li>
          ))}
        </ul>
      )}
      {data && <Dialogs list={data} />}
    </>
  );
}

function Headline({ list }: { list: BudgetList | undefined }) {
  if (!list || list.budgets.length === 0) return <h1 className="text-h1">Budgets</h1>;
  const { status, words } = headline(list.budgets);
  return (
    <h1 className="flex items-center gap-2 text-h1">
      <StatusIcon status={status} size={20} />
      {words}
    </h1>
  );
}

function Facts({ list: { zone, as_of } }: { list: BudgetList }) {
  const asOfMs = as_of ? Date.parse(as_of) : null;
  return (
    <p className="text-muted">
      Days begin at midnight in {zone}
      {asOfMs !== null && (
        <span title={exact(asOfMs, zone)}>, as of {timeNear(asOfMs, Date.now(), viewerZone())}</span>
      )}
    </p>
  );
}

function Dialogs({ list: { budgets, zone } }: { list: BudgetList }) {
  const { open, edit, w } = useSearch({ from: '/budgets' });
  const navigate = useNavigate({ from: '/budgets' });
  const close = () =>
    void navigate({
      resetScroll: false,
      search: old => ({ ...old, open: undefined, edit: undefined, w: undefined }),
    });
  const shown = budgets.find(({ id }) => id === open);
  const edited = budgets.find(({ id }) => id === edit);
  const form = edit === 'new' || edited !== undefined;
  return (
    <>
      <Dialog shape="side" title={shown?.name ?? ''} open={shown !== undefined} onClose={close}>
        {shown && <History budget={shown} zone={zone} />}
      </Dialog>
      <Dialog title={edited ? `Edit ${edited.name}` : 'New budget'} open={form} onClose={close}>
        <BudgetForm
          key={edit}
          budget={edited ?? null}
          filter={readWhere(w ?? '')}
          zone={zone}
          onDone={close}
        />
      </Dialog>
    </>
  );
}
