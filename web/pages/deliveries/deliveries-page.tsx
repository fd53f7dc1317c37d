import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useChannels } from '../../data/channels.ts';
import { useNotifications } from '../../data/notifications.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { DeliveryRow } from './delivery-row.tsx';
import { type DeliveryState, deliveryStates } from './search.ts';

const LABELS: Record<DeliveryState, string> = {
  any: 'All',
  waiting: 'Waiting',
  delivered: 'Delivered',
  failed: 'Failed',
};

/** Did it arrive, and if not, why and when is it tried again? */
export function DeliveriesPage() {
  const { status = 'any', channel = '' } = useSearch({ from: '/deliveries' });
  const navigate = useNavigate({ from: '/deliveries' });
  const channels = useChannels().data?.channels ?? [];
  const messages = useNotifications({ status, ...(channel && { channel_id: channel }) });
  const shown = messages.data?.pages.flatMap(({ notifications }) => notifications);
  const chooseStatus = (next: DeliveryState) =>
    void navigate({ search: old => ({ ...old, status: next === 'any' ? undefined : next }) });
  return (
    <>
      <PageTitle title="Deliveries">
        <p className="max-w-text text-muted">
          Every message to a channel with each attempt. What does not arrive is tried eleven times over about
          three days.{' '}
          <Link to="/settings" className="text-accent underline hover:no-underline">
            Channels
          </Link>
        </p>
      </PageTitle>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <Segmented
          label="State"
          value={status}
          options={deliveryStates.map(value => ({ value, label: LABELS[value] }))}
          onChange={chooseStatus}
        />
        <Select
          label="Channel"
          value={channel}
          options={[
            { value: '', label: 'Every channel' },
            ...channels.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={next => void navigate({ search: old => ({ ...old, channel: next || undefined }) })}
        />
      </div>
      {!shown ? (
        messages.error ? (
          <Failure
            what="Could not load the deliveries."
            error={messages.error}
            onRetry={() => void messages.refetch()}
          />
        ) : (
          <div role="status" className="appear h-48 rounded-card bg-surface">
            <span className="sr-only">Loading</span>
          </div>
        )
      ) : shown.length === 0 ? (
        <Note title={status === 'any' && !channel ? 'Nothing was sent yet.' : 'No such message.'}>
          {status === 'any' && !channel && (
            <span>Messages appear here when an alert fires, or when a channel is tried.</span>
          )}
        </Note>
      ) : (
        <ul className="max-w-[960px] rounded-card border border-line">
          {shown.map(one => (
            <DeliveryRow key={one.id} message={one} />
          ))}
        </ul>
      )}
      {messages.hasNextPage && (
        <div className="mt-4">
          <Button disabled={messages.isFetchingNextPage} onClick={() => void messages.fetchNextPage()}>
            {messages.isFetchingNextPage ? 'Loading' : 'Older messages'}
          </Button>
        </div>
      )}
    </>
  );
}
