import { type FormEvent, useState } from 'react';
import { useChannels, useCreateChannel } from '../../data/channels.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ChannelRow } from './channel-row.tsx';

/** Webhooks that are told of incidents: see, test, add, delete. */
export function Channels() {
  const channels = useChannels();
  const create = useCreateChannel();
  const [url, setUrl] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(url.trim(), { onSuccess: () => setUrl('') });
  };
  return (
    <div className="flex flex-col gap-4">
      {channels.error && (
        <Failure
          what="Could not load the channels."
          error={channels.error}
          onRetry={() => void channels.refetch()}
        />
      )}
      {channels.isPending && <div aria-hidden className="h-14 rounded-card bg-surface" />}
      {channels.data && channels.data.length > 0 && (
        <ul className="rounded-card border border-line">
          {channels.data.map(channel => (
            <ChannelRow key={channel.id} channel={channel} />
          ))}
        </ul>
      )}
      {channels.data?.length === 0 && <p>No channel yet: alerts are shown here and sent nowhere.</p>}
      {create.data && <Secret secret={create.data.secret ?? ''} url={create.data.target} />}
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
        <TextField
          label="Webhook address"
          type="url"
          required
          placeholder="https://example.com/hooks/driftline"
          className="flex-[1_1_280px]"
          value={url}
          onChange={event => setUrl(event.target.value)}
        />
        <Button type="submit" look="primary" disabled={create.isPending || !url.trim()}>
          {create.isPending ? 'Adding' : 'Add webhook'}
        </Button>
      </form>
      {create.error && <Failure what="The webhook was not added." error={create.error} />}
    </div>
  );
}

/** Shown once: the server does not give it out again. */
function Secret({ secret, url }: { secret: string; url: string }) {
  return (
    <div role="status" className="rounded-card border border-good p-4">
      <p className="font-semibold">Signing secret of {url}</p>
      <p className="text-muted">
        Copy it now, it is not shown again. Receivers verify the Standard Webhooks signature with it.
      </p>
      <p className="mt-2 flex flex-wrap items-center gap-2">
        <code className="min-w-0 rounded-control bg-surface px-2 py-1 font-mono break-all">{secret}</code>
        <CopyButton text={secret} label="Copy the secret" />
      </p>
    </div>
  );
}
