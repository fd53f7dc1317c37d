import { type FormEvent, useState } from 'react';
import type { Channel, ChannelKindInfo } from '#contract/channel.ts';
import { useChangeChannel, useCreateChannel } from '../../data/channels.ts';
import { ApiError } from '../../data/problem.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type ChannelDraft, draftOf, fieldProblem, settingsOf } from './channel-draft.ts';
import { ChannelFieldInput } from './channel-field.tsx';
import { ChannelKinds } from './channel-kinds.tsx';
import { RotateSecret } from './rotate-secret.tsx';
import { TemplatePreview } from './template-preview.tsx';

interface ChannelFormProps {
  kinds: ChannelKindInfo[];
  /** Null for a new one. */
  channel: Channel | null;
  /** With the signing secret of a new channel that signs. */
  onDone: (made: { name: string; secret: string } | null) => void;
}

/** What is to be filled in follows from the kind; a new channel begins with choosing one. */
export function ChannelForm({ kinds, channel, onDone }: ChannelFormProps) {
  const [chosen, setChosen] = useState(channel?.kind ?? null);
  const kind = kinds.find(one => one.kind === chosen);
  if (!kind) return <ChannelKinds kinds={kinds} onChoose={setChosen} />;
  const back = channel ? undefined : () => setChosen(null);
  return <Fields key={kind.kind} kind={kind} channel={channel} onBack={back} onDone={onDone} />;
}

function Fields({
  kind,
  channel,
  onBack,
  onDone,
}: {
  kind: ChannelKindInfo;
  channel: Channel | null;
  onBack: (() => void) | undefined;
  onDone: ChannelFormProps['onDone'];
}) {
  const create = useCreateChannel();
  const change = useChangeChannel();
  const [draft, setDraft] = useState<ChannelDraft>(() => draftOf(kind, channel));
  const [name, setName] = useState(channel?.name ?? '');
  const [enabled, setEnabled] = useState(channel?.enabled ?? true);
  const [removed, setRemoved] = useState<string[]>([]);
  const save = channel ? change : create;
  const message = save.error instanceof ApiError ? save.error.message : '';
  const problem = fieldProblem(kind, message);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const values = { name: name.trim(), ...settingsOf(kind, draft, removed) };
    if (channel) {
      change.mutate({ id: channel.id, request: { ...values, enabled } }, { onSuccess: () => onDone(null) });
      return;
    }
    create.mutate(
      { kind: kind.kind, ...values },
      {
        onSuccess: made => onDone(made.secret === null ? null : { name: made.name, secret: made.secret }),
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4 p-4">
      <p className="text-muted">
        {!channel && <span className="font-semibold text-ink">{kind.label}. </span>}
        {kind.about}
      </p>
      <TextField
        label="Name (optional)"
        placeholder={`${kind.label} …`}
        maxLength={120}
        value={name}
        onChange={event => setName(event.target.value)}
        error={problem?.name === 'name' ? problem.words : undefined}
      />
      {kind.fields.map(field => (
        <ChannelFieldInput
          key={field.name}
          field={field}
          value={draft[field.name] ?? ''}
          isSet={(channel?.secrets.includes(field.name) && !removed.includes(field.name)) ?? false}
          error={problem?.name === field.name ? problem.words : undefined}
          onChange={value => setDraft(old => ({ ...old, [field.name]: value }))}
          onRemove={() => setRemoved(old => [...old, field.name])}
        />
      ))}
      {kind.kind === 'http' && (
        <TemplatePreview contentType={draft.content_type ?? ''} template={draft.template ?? ''} />
      )}
      {channel && (
        <CheckBox
          label="Send alerts there"
          checked={enabled}
          onChange={event => setEnabled(event.target.checked)}
        >
          {channel.disabled_reason && (
            <span className="block text-critical">Switched off: {channel.disabled_reason}</span>
          )}
        </CheckBox>
      )}
      {channel && kind.signed && <RotateSecret channel={channel} />}
      {save.error && !problem && <Failure what="The channel was not saved." error={save.error} />}
      <div className="sticky bottom-0 -mx-4 -mb-4 flex flex-wrap gap-2 border-t border-line bg-bg p-4">
        <Button type="submit" look="primary" disabled={save.isPending}>
          {save.isPending ? 'Saving' : channel ? 'Save' : 'Add channel'}
        </Button>
        {onBack && <Button onClick={onBack}>Another kind</Button>}
      </div>
    </form>
  );
}
