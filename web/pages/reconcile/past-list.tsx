import { Link } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { ago, exact } from '../../clock.ts';
import { useReportingZone } from '../../data/onboarding.ts';
import { useForget, useReconciliations } from '../../data/reconcile.ts';
import { format } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { shareText, span } from './words.ts';

interface PastListProps {
  chosen: string | undefined;
  onForgotten: (id: string) => void;
}

/** What was compared before, the newest first. */
export function PastList({ chosen, onForgotten }: PastListProps) {
  const query = useReconciliations();
  const forget = useForget();
  const zone = useReportingZone();
  return (
    <Panel
      title="Earlier comparisons"
      what="the earlier comparisons"
      query={query}
      height={64}
      empty={({ reconciliations }) =>
        reconciliations.length === 0 ? <Note title="Nothing was compared yet." /> : null
      }
    >
      {({ reconciliations }) => (
        <ul>
          {reconciliations.map(one => {
            const id = one.reconciliation_id;
            const name = one.files.map(file => file.name).join(', ');
            return (
              <li key={id} className="flex items-center justify-between gap-3 border-t border-line px-4 py-1">
                <Link
                  to="/spend/reconcile"
                  search={{ id }}
                  aria-current={id === chosen ? 'true' : undefined}
                  className="min-w-0 flex-1 rounded-control py-1 aria-[current=true]:font-semibold"
                >
                  <span className="block text-accent wrap-anywhere">{name}</span>
                  <span className="block text-label text-muted">
                    {span(one)}, {format.usd(one.theirs_usd)}, explained {shareText(one.explained_share)},{' '}
                    <span className="whitespace-nowrap" title={exact(Date.parse(one.created_at), zone)}>
                      {ago(Date.parse(one.created_at), Date.now(), zone)}
                    </span>
                  </span>
                </Link>
                <Button
                  look="quiet"
                  square
                  aria-label={`Forget ${name}`}
                  title="Forget"
                  disabled={forget.isPending}
                  onClick={() => forget.mutate(id, { onSuccess: () => onForgotten(id) })}
                >
                  <Trash2 size={16} aria-hidden />
                </Button>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}
