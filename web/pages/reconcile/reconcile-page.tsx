import { useNavigate, useSearch } from '@tanstack/react-router';
import { useReconciliation } from '../../data/reconcile.ts';
import { Failure } from '../../states/failure.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { SpendLinks } from '../spend/spend-links.tsx';
import { DropZone } from './drop-zone.tsx';
import { PastList } from './past-list.tsx';
import { Result } from './result.tsx';
import type { ReconcileSearch } from './search.ts';

/** Does the provider's bill match what we counted, and if not, why? */
export function ReconcilePage() {
  const search = useSearch({ from: '/spend/reconcile' });
  const navigate = useNavigate({ from: '/spend/reconcile' });
  const change = (part: ReconcileSearch) => void navigate({ search: before => ({ ...before, ...part }) });
  const query = useReconciliation(search.id);
  return (
    <>
      <PageTitle title="Reconcile">
        <p className="max-w-text text-muted">
          Compares a provider's usage or invoice file with the ledger, by day, model and token kind. The file
          is read and not kept; the result is.
        </p>
      </PageTitle>
      <SpendLinks to={['/spend', '/spend/outcomes']} />
      <DropZone small={search.id !== undefined} onDone={id => change({ id, by: undefined })} />
      {search.id !== undefined &&
        (query.data ? (
          <Result
            found={query.data}
            by={search.by ?? 'reasons'}
            onBy={by => change({ by: by === 'reasons' ? undefined : by })}
          />
        ) : query.error ? (
          <Failure
            what="Could not load the comparison."
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : (
          <div role="status" className="appear mb-4 h-48 rounded-card bg-surface">
            <span className="sr-only">Loading</span>
          </div>
        ))}
      <PastList
        chosen={search.id}
        onForgotten={id => id === search.id && change({ id: undefined, by: undefined })}
      />
    </>
  );
}
