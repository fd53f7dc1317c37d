import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { Channel } from '#contract/channel.ts';
import { useChannels } from '../../data/channels.ts';
import { Failure } from '../../states/failure.tsx';
import { Button, controlClasses } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ChannelForm } from './channel-form.tsx';
import { ChannelRow } from './channel-row.tsx';
import { SigningSecret } from './signing-secret.tsx';

/** Who is told of alerts: see, try, add, change, delete. */
export function Channels() {
  const { data, error, isPending, refetch } = useChannels();
  const [form, setForm] = useState<Channel | 'new' | null>(null);
  const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
  const close = () => setForm(null);
  return (
    <div className="flex flex-col gap-4">
      {error && <Failure what="Could not load the channels." error={error} onRetry={() => void refetch()} />}
      {isPending && <div aria-hidden className="h-14 rounded-card bg-surface" />}
      {made && <SigningSecret {...made} />}
      {data && data.channels.length > 0 && (
        <ul className="rounded-card border border-line">
          {data.channels.map(channel => (
            <ChannelRow
              key={channel.id}
              channel={channel}
              kind={data.kinds.find(({ kind }) => kind === channel.kind)}
              onEdit={() => setForm(channel)}
            />
          ))}
        </ul>
      )}
      {data?.channels.length === 0 && (
        <p className="rounded-card border border-dashed border-control p-4">
          No channel yet: alerts are shown here and sent nowhere.
        </p>
      )}
      {data && (
        <div className="flex flex-wrap gap-2">
          <Button look="primary" onClick={() => setForm('new')}>
            <Plus size={16} aria-hidden />
            Add channel
          </Button>
          <Link to="/deliveries" className={controlClasses()}>
            Deliveries
          </Link>
        </div>
      )}
      {data && (
        <Dialog
          shape="side"
          title={form === 'new' ? 'Add channel' : `Edit ${form?.name ?? ''}`}
          open={form !== null}
          onClose={close}
        >
          <ChannelForm
            key={form === 'new' ? 'new' : form?.id}
            kinds={data.kinds}
            channel={form === 'new' ? null : form}
            onDone={secret => {
              if (secret) setMade(secret);
              close();
            }}
          />
        </Dialog>
      )}
    </div>
  );
}
